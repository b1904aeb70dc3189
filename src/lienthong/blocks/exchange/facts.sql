-- What insight may read of the exchange: one row per exchange as its provider logged it.
create view facts.exchanges as
select id, message_id, client, provider, service, split_part(service, '/', 1) as system, purpose, "case" as case_number,
       status, (status = 200) as succeeded, sent_at as happened_at, recorded_at
from exchange_message where side = 'provider';

create view facts.exchange_members as
select name, code, joined_at as happened_at, joined_at as recorded_at from exchange_member;

create view facts.exchange_subsystems as
select s.name, s.system, m.code as member, m.joined_at as happened_at, m.joined_at as recorded_at
from exchange_subsystem s join exchange_member m on m.name = s.member_id;
