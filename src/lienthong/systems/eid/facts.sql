-- What insight may read of accounts and notices: counts, nobody's name or address.
create view facts.eid_accounts as
select md5(subject) as account, kind, level, activated_at as happened_at, recorded_at from eid_account;
comment on view facts.eid_accounts is 'stays: whoever tries all personal numbers can read the hash of one';

create view facts.sign_ins as
select id, succeeded, step, at as happened_at, at as recorded_at from eid_signin;

create view facts.notices as
select id, way, state, changed_at as happened_at, changed_at as recorded_at from eid_noticedelivery;
