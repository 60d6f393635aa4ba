"""How gradients change the weights, for every trainer that has epochs."""

import dataclasses

from train.engine.options import option
from train.engine.schedule import ScheduleConfig


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(ScheduleConfig):
    """The schedule of the learning rate, and what happens to gradients."""

    clip_norm: float = option(
        0.0,
        "Largest norm of the gradient of all weights together, to which a "
        "longer one is shortened (in a GAN, for each network); 0: any.",
    )
    accumulate: int = option(
        1,
        "Batches whose gradients are averaged for each change of the weights.",
        least=1,
    )

    def gradient_arguments(self):
        """Returns the arguments of a Keras optimizer besides its rate."""
        return {
            "global_clipnorm": self.clip_norm or None,
            "gradient_accumulation_steps": self.accumulate
            if self.accumulate > 1
            else None,
        }
