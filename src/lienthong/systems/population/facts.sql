-- What insight may read of the population database: no names, no numbers, no addresses.
create view facts.persons as
select distinct on (key) id, sex, birth_province, (birth_date + interval '18 years')::date as adult_from,
       (key ~ '^[0-9]{12}$') as identified,
       lower(recorded) as happened_at, lower(recorded) as recorded_at
from population_person order by key, lower(recorded), id;

create view facts.numbers_allocated as
select message_id as id, province, sex, agency, "case" as case_number,
       allocated_at as happened_at, allocated_at as recorded_at
from population_numberallocation;

create view facts.population_reads as
select id, service, split_part(service, '/', 1) as holder_system, reader, split_part(reader, '/', 3) as reader_agency,
       purpose, "case" as case_number, read_at as happened_at, recorded_at
from population_accessentry;
