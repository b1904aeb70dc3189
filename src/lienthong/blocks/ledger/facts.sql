-- What insight may read of the ledger: one row per transfer. Rows never change (a trigger sees to it).
create view facts.ledger_transfers as
select t.id, t.happened_at, t.recorded_at, d.code as debit, c.code as credit, t.amount as amount_vnd, t.code, t.reference
from ledger_transfer t
join ledger_account d on d.id = t.debit_id
join ledger_account c on c.id = t.credit_id;
comment on view facts.ledger_transfers is 'stays: a transfer names no system that could tell it';
