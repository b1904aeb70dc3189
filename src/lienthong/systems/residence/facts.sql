-- What insight may read of the register of permanent residence: no names, no numbers, no addresses.
create view facts.residences as
select distinct on (registration_number) id, unit, agency, "case" as case_number,
       (registered_on::timestamp at time zone 'Asia/Ho_Chi_Minh') as happened_at, lower(recorded) as recorded_at
from residence_registration order by registration_number, lower(recorded), id;

create view facts.residences_ended as
select id, unit, ground, agency, "case" as case_number,
       lower(recorded) as happened_at, lower(recorded) as recorded_at
from residence_ending where state = 'in-force';
