"""Which round, by which method, the numbers that are added up of a sphere in a region are of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nok.method import Method
from nok.records import Aggregate
from nok.render.aggregates import Round
from nok.warehouse import Warehouse


@dataclass(slots=True)
class NewestRounds:
    """Asks the warehouse once for each region."""

    warehouse: Warehouse
    methods: Mapping[str, Method]
    _newest: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, item: Aggregate) -> Round:
        """The newest round of the aggregate's sphere in its region."""
        if item.region_code not in self._newest:
            groups = self.warehouse.groups(item.region_code)
            self._newest[item.region_code] = {group.sphere: group.assessment_id for group in groups}
        assessment_id = self._newest[item.region_code].get(item.sphere, "")
        found = self.warehouse.assessments().get(assessment_id)
        method = self.methods.get(found.method_id) if found else None
        return assessment_id, method.id if method else "", method.decimals if method else 2
