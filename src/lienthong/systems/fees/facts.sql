-- What insight may read of fees: bills opened, payments taken, money owed back, policies of provinces. Nobody's name.
create view facts.bills as
select id, agency, split_part(agency, '.', 1) as root, procedure, province, channel, total as amount_vnd,
       (total = 0) as free, opened_at as happened_at, recorded_at
from fees_bill;

create view facts.payments as
select p.id, p.bill_id as bill, b.agency, split_part(b.agency, '.', 1) as root, b.procedure, b.province,
       p.amount as amount_vnd, 'online'::text as channel, p.paid_at as happened_at, p.changed_at as recorded_at
from fees_payment p join fees_bill b on b.id = p.bill_id
where p.state in ('paid', 'owed');

create view facts.fee_refunds as
select id as bill, agency, total as amount_vnd, closed_at as happened_at, closed_at as recorded_at
from fees_bill where status = 'refunded';

create view facts.fee_policies as
select id, province, item, channel, amount as amount_vnd, reduces, article, valid_to,
       (valid_from::timestamp at time zone 'Asia/Ho_Chi_Minh') as happened_at, recorded_at
from fees_feepolicy;
