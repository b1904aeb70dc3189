-- What insight may read of the warehouse: papers, their corrections, their use by later dossiers. Nobody's number.
create view facts.documents as
select d.id, d.result_code, d.issuer, split_part(d.issuer, '.', 1) as root,
       (select count(*) from warehouse_documentowner o where o.document_id = d.id) as owners,
       d.deposited_at as happened_at, d.recorded_at
from warehouse_document d;

create view facts.document_changes as
select c.id, d.result_code, d.issuer, c.state, c.happened_at, c.recorded_at
from warehouse_documentchange c join warehouse_document d on d.id = c.document_id;

create view facts.document_uses as
select u.id, d.result_code, d.issuer, u.used_by, u.purpose, u.used_at as happened_at, u.recorded_at
from warehouse_documentuse u join warehouse_document d on d.id = u.document_id;
