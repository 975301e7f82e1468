-- one row per kind of activity: its place in the process, and for which objects it comes once
-- · from a declaration · read by int_event, marts of processes
-- The place decides between events of one instant. For an object that it comes once for, a second time is
-- work done again; payments, shipments, production and talks may be many. What only hands on is routing.
select *
from (
    values
        ('lead created', 10, 'lead order', false),
        ('lead new', 11, 'lead order', false),
        ('lead engaged', 12, 'lead order', false),
        ('lead qualified', 13, 'lead order', false),
        ('lead proposal', 14, 'lead order', false),
        ('contact', 20, '', false),
        ('lead won', 30, 'lead order', false),
        ('lead lost', 31, 'lead order', false),
        ('order drafted', 40, 'order', false),
        ('order confirmed', 41, 'order', false),
        ('request filed', 50, 'request order', false),
        -- two places a step: the second step is asked after the first was decided, at the same instant
        ('approval asked', 100, 'request order', true),
        ('approval decided', 101, 'request order', false),
        ('request decided', 1000, 'request order', false),
        ('request cancelled', 1001, 'request order', false),
        ('funds booked', 1010, 'request', false),
        ('attendance booked', 1011, 'request', false),
        ('trip reported', 1012, 'request', false),
        ('funds reversed', 1020, 'request', false),
        ('attendance released', 1021, 'request', false),
        ('order booked', 1100, 'order', false),
        ('booking refused', 1101, 'order', false),
        ('production planned', 1110, 'production', false),
        ('production released', 1111, 'production', false),
        ('production done', 1112, 'production', false),
        ('production cancelled', 1113, 'production', false),
        ('payment recorded', 1120, 'payment', false),
        ('shipment requested', 1130, 'shipment', false),
        ('goods shipped', 1131, 'shipment', false),
        ('shipment refused', 1132, 'shipment', false),
        ('crm told', 1140, '', true),
        ('order cancelled', 1150, 'order', false),
        ('booking cancelled', 1151, 'order', false)
) as kinds (kind, place, once_for, is_routing)
