-- What insight may read of the registers of births and deaths: no names, no numbers of persons.
create view facts.births as
select id, unit, birth_province, sex, on_time, agency, "case" as case_number,
       (registered_on - birth_date) as days_after_birth,
       (registered_on::timestamp at time zone 'Asia/Ho_Chi_Minh') as happened_at, lower(recorded) as recorded_at
from civilstatus_birth where state = 'in-force';

create view facts.births_changed as
select id, unit, state, agency, "case" as case_number, lower(recorded) as happened_at, lower(recorded) as recorded_at
from civilstatus_birth where state <> 'in-force';

create view facts.deaths as
select id, unit, sex, on_time, agency, "case" as case_number,
       (registered_on - death_date) as days_after_death,
       (registered_on::timestamp at time zone 'Asia/Ho_Chi_Minh') as happened_at, lower(recorded) as recorded_at
from civilstatus_death where state = 'in-force';
