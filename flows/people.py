"""People: whoever works here is known to CRM and ERP.

oa.employees → crm.staff, erp.staff. The OA owns every field; nothing comes back. Whoever is deleted
there is known here still, as nobody active: others point to them.
"""

from hub.words import Flow, Look, Made, Read, Row, Step, Write


def staff_member(employee: Row, _look: Look) -> Made:
    """The employee as CRM and ERP know them; who has a last day is no longer active."""
    kept = ("employee_no", "name", "email", "job_title", "department_no", "manager_no")
    return {**{name: employee[name] for name in kept}, "is_active": employee["left_on"] is None}


PEOPLE = Flow(
    name="people",
    every="1 hour",
    owner="human-resources",
    doc=__doc__,
    steps=tuple(
        Step(
            f"to_{system}",
            read=Read("oa.employees"),
            make=staff_member,
            write=Write(f"{system}.staff", key="employee_no"),
            checks="employees",
            gone={"is_active": False},
        )
        for system in ("crm", "erp")
    ),
)
