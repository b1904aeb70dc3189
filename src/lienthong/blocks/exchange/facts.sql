-- What insight may read of the exchange: one row per exchange as its provider logged it. The report's own questions
-- for facts are left out: it must not change what it measures. A write asked again because its answer was lost took
-- effect once, and counts once.
create view facts.exchanges as
select id, message_id, client, provider, service, split_part(service, '/', 1) as system, purpose, "case" as case_number,
       split_part(client, '/', 2) as client_class, split_part(split_part(client, '/', 3), '.', 1) as client_root,
       case when service ~ '/[a-z-]+-(get|verify|find|list|check)/' then 'read' else 'write' end as action,
       status, (status = 200) as succeeded, 1 as one, sent_at as happened_at, recorded_at
from exchange_message where side = 'provider' and not repeats and split_part(service, '/', 2) <> 'facts-list';

create view facts.exchange_members as
select name, code, joined_at as happened_at, joined_at as recorded_at from exchange_member;

create view facts.exchange_subsystems as
select s.name, s.system, m.code as member, split_part(m.code, '.', 1) as root, m.joined_at as happened_at, m.joined_at as recorded_at
from exchange_subsystem s join exchange_member m on m.name = s.member_id;
