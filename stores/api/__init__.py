"""The stores' API: what others ask of OA, CRM and ERP over HTTP, the same for the three.

request → ``door`` (who, how often, how big, how long) → ``reads``, ``edits``, ``batch`` or ``actions`` → JSON
or a problem. One generic implementation over ``models``; the stores' decisions stay in ``stores.*``.
"""
