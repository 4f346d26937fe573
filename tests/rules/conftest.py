import pytest

from harness import CompiledProject
from vendor_samples import CRMS, VENDORS


@pytest.fixture(scope="session")
def projects(parsed_projects):
    """projects(crm): the project with this CRM and all vendors but the other one. projects(""): all of them beside own tables."""
    made = {}

    def project(crm):
        if crm not in made:
            vendors = [vendor for vendor in VENDORS if not crm or vendor == crm or vendor not in CRMS]
            made[crm] = CompiledProject({
                "vendors: []": f"vendors: [{', '.join(vendors)}]", 'crm: ""': f"crm: {crm}" if crm else 'crm: ""',
            })
        return made[crm]

    return project
