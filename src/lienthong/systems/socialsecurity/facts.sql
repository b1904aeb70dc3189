-- What insight may read of the register of health-insurance cards: no names, no numbers of persons.
create view facts.health_cards as
select id, unit, object_code, agency, "case" as case_number,
       (issued_on::timestamp at time zone 'Asia/Ho_Chi_Minh') as happened_at, lower(recorded) as recorded_at
from socialsecurity_healthcard where state = 'in-force';
