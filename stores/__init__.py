"""The practice partners: a small OA, CRM and ERP over ``models``, with rules and a seeded company.

Other programs write ``requested`` into their tables, ``stores.worker`` decides. They know no hub and no flow.
"""
