-- What insight may read of casework: openings, changes of status, closings, papers, supplements, ratings.
-- Append-only rows; nothing in them names a person. What one agency asks of another (`asked`) is no dossier and no
-- fact; complaints and feedback (`appeal`) are counted in their own views, at the end.
create view facts.dossiers as
select c.id, c.number, c.system, c.agency, c.channel, p.code as procedure, p.level, p.essential,
       (c.applicant <> '') as has_personal_id, c.opened_at as happened_at, c.recorded_at,
       split_part(c.agency, '.', 1) as root
from casework_case c join casework_procedure p on p.id = c.procedure_id
where p.agency_kind <> 'asked' and p.package->>'appeal' is null;

create view facts.dossier_status as
select s.id, c.number, c.system, c.agency, s.before, s.after, s.happened_at, s.recorded_at
from casework_statuschange s join casework_case c on c.id = s.case_id
  join casework_procedure p on p.id = c.procedure_id
where p.agency_kind <> 'asked' and p.package->>'appeal' is null;

create view facts.dossier_closings as
select c.number, c.system, c.agency, c.channel, p.code as procedure, p.level, k.outcome, k.on_time,
       (k.outcome in ('granted', 'partly')) as granted,
       exists (select 1 from casework_result r where r.case_id = c.id and r.recorded_at <= k.recorded_at) as digitised,
       k.happened_at, k.recorded_at,
       split_part(c.agency, '.', 1) as root
from casework_closing k join casework_case c on c.id = k.case_id join casework_procedure p on p.id = c.procedure_id
where p.agency_kind <> 'asked' and p.package->>'appeal' is null;

create view facts.results as
select r.id, r.code, c.number as dossier, c.agency, r.signatures, r.issued_at as happened_at, r.recorded_at,
       split_part(c.agency, '.', 1) as root, c.system
from casework_result r join casework_case c on c.id = r.case_id
  join casework_procedure p on p.id = c.procedure_id
where p.package->>'appeal' is null;

create view facts.ratings as
select c.number, c.agency, r.score, (r.score >= 4) as satisfied, r.rated_at as happened_at, r.recorded_at,
       c.system
from casework_rating r join casework_case c on c.id = r.case_id
  join casework_procedure p on p.id = c.procedure_id
where p.package->>'appeal' is null;

create view facts.procedures as
select p.code, p.version, p.level, p.essential, (p.level in ('full', 'partial')) as online,
       lower(p.valid) as valid_from, upper(p.valid) as valid_to, p.published_at as happened_at,
       p.published_at as recorded_at
from casework_procedure p
where not coalesce((p.package->>'internal')::boolean, false);  -- the portal's own envelope is no procedure

create view facts.applicants as
select distinct on (c.applicant) md5(c.applicant) as person, c.opened_at as happened_at, c.recorded_at
from casework_case c where c.channel = 'online' order by c.applicant, c.opened_at;
comment on view facts.applicants is 'stays: whoever tries all personal numbers can read the hash of one';

create view facts.components as
select f.id, c.number as dossier, c.agency, f.kind, f.added_at as happened_at, f.added_at as recorded_at,
       c.system
from casework_casefile f join casework_case c on c.id = f.case_id
  join casework_procedure p on p.id = c.procedure_id
where p.package->>'appeal' is null;

create view facts.supplements as
select s.id, c.number as dossier, c.agency, s.asked_at as happened_at, s.asked_at as recorded_at,
       c.system
from casework_supplement s join casework_case c on c.id = s.case_id
  join casework_procedure p on p.id = c.procedure_id
where p.package->>'appeal' is null;

create view facts.appeals as
select c.number, c.agency, p.package->>'appeal' as kind, c.data->'about'->>'number' as dossier,
       c.data->'about'->>'procedure' as procedure, c.data->>'ground' as ground, c.channel,
       c.opened_at as happened_at, c.recorded_at, split_part(c.agency, '.', 1) as root
from casework_case c join casework_procedure p on p.id = c.procedure_id
where c.system = 'onestop' and p.package->>'appeal' is not null;

-- accepted_on_time: accepted or refused within the law's ten days; on_time: settled, or feedback answered, in time.
create view facts.appeal_closings as
select c.number, c.agency, p.package->>'appeal' as kind, c.data->'about'->>'number' as dossier,
       c.data->'about'->>'procedure' as procedure, k.outcome, k.on_time,
       (k.outcome not in ('not-accepted', 'withdrawn')) as accepted,
       not exists (select 1 from casework_step t where t.case_id = c.id and t.key = 'accept'
                   and coalesce(t.closed_at, k.happened_at) > t.due_at) as accepted_on_time,
       (p.package->>'appeal' <> 'feedback' and k.outcome in ('granted', 'partly')) as upheld,
       k.happened_at, k.recorded_at, split_part(c.agency, '.', 1) as root
from casework_closing k join casework_case c on c.id = k.case_id join casework_procedure p on p.id = c.procedure_id
where c.system = 'onestop' and p.package->>'appeal' is not null;
