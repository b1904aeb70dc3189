-- What insight may read of the declared registers: which register, who wrote, when. No data of a record.
create view facts.register_records as
select id, register, agency, "case" as case_number, state, lower(valid) as valid_from, upper(valid) as valid_to,
       lower(recorded) as happened_at, lower(recorded) as recorded_at
from registry_declaredrecord;
