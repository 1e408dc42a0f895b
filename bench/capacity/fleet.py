"""VM types with their prices, and the cells that an operator weighs: all of it input."""

from pathlib import Path

import yaml
from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from bench.capacity.inputs import Input, checked
from bench.capacity.service import Hardware

FLEETS = Path(__file__).with_name("fleets.yaml")
"""The example that ships. Its prices are no offer of anybody's."""


class VmType(Input):
    """A virtual machine to rent."""

    cores: PositiveInt = Field(description="Virtual CPUs.")
    speed: PositiveFloat = Field(1.0, description="Of a core; 1: the machine that was measured.")
    gpus: NonNegativeInt = 0
    gpu: str | None = Field(None, description="Kind of GPU, as the measured figures name it.")
    price_per_hour: NonNegativeFloat

    @model_validator(mode="after")
    def _gpus_are_of_a_kind(self) -> "VmType":
        if bool(self.gpus) != (self.gpu is not None):
            raise ValueError("gpus and gpu go together")
        return self


class Fleets(Input):
    """VM types by name, and what a cell of each fleet is made of: nodes by VM type."""

    currency: str
    vm_types: dict[str, VmType]
    cells: dict[str, dict[str, PositiveInt]]

    @model_validator(mode="after")
    def _cells_are_of_known_types(self) -> "Fleets":
        for name, cell in self.cells.items():
            unknown = sorted(set(cell) - set(self.vm_types))
            if unknown:
                raise ValueError(f"cell {name!r} has VM types without a price: {unknown}")
            if len({self.vm_types[vm].gpu for vm in cell} - {None}) > 1:
                raise ValueError(f"cell {name!r} mixes kinds of GPU")
        return self

    def hardware(self, cell: str) -> tuple[Hardware, ...]:
        """The nodes of a cell."""
        return tuple(
            Hardware(vm.cores, vm.speed, vm.gpus)
            for name, count in self.cells[cell].items()
            for vm in [self.vm_types[name]] * count
        )

    def device(self, cell: str) -> str:
        """Where a cell's audio encoder runs: `cpu`, or the kind of GPU."""
        kinds = {self.vm_types[name].gpu for name in self.cells[cell]} - {None}
        return next(iter(kinds), None) or "cpu"

    def price_per_hour(self, cell: str) -> float:
        """Of all nodes of a cell."""
        return sum(
            count * self.vm_types[name].price_per_hour for name, count in self.cells[cell].items()
        )


def read_fleets(path: Path = FLEETS) -> Fleets:
    """VM types, prices and cells of a YAML file; raises ConfigurationError."""
    return checked(Fleets, yaml.safe_load(path.read_text()), path)
