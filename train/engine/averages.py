"""How slowly the averaged weights of a generator follow its weights."""

import dataclasses

from train.engine.options import UsageError, option

_MOMENTUM = 0.999


@dataclasses.dataclass(frozen=True)
class AveragesConfig:
    """The momentum of the averaged weights, stated in one of two ways."""

    momentum: float = option(
        _MOMENTUM,
        "Momentum of the averaged weights at each step; 0: no averaging.",
        most=1,
    )
    ema_halflife: float = option(
        0.0,
        "Images in which the averaged weights come half as close to the "
        "weights, whatever the --batch_size; 0: --momentum holds.",
        most=10**8,
    )

    def averages_momentum(self):
        """Returns the momentum at each step.

        Raises:
            UsageError: if both settings state it.
        """
        if not self.ema_halflife:
            return self.momentum
        if self.momentum != _MOMENTUM:
            raise UsageError(
                "--momentum and --ema_halflife both say how slowly averaged "
                "weights move. Leave one of them out."
            )
        return 0.5 ** (self.batch_size / self.ema_halflife)
