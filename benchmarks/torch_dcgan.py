"""The DCGAN of `benchmarks.accelerator`, as one writes it in PyTorch."""

import numpy as np

LATENT = 100


def torch_dcgan(images, batch, width, half):
    """Returns a function that trains on images once, or `None` without torch.

    Args:
        images: float32 `(count, side, side, 3)`.
        batch: Images a step.
        width: Channels at the full resolution.
        half: Whether to compute in bfloat16.

    Returns:
        A function of no argument that returns the peak memory in MB.
    """
    try:
        import torch
        from torch import nn
    except ImportError:
        return None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # As JAX does: the quickest kernels, and TF32.
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = True
    doublings = int(np.log2(images.shape[1] // 4))
    generator = _generator(nn, doublings, width).to(device)
    discriminator = _discriminator(nn, doublings, width).to(device)
    optimizers = [
        torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999))
        for network in (generator, discriminator)
    ]
    loss = nn.BCEWithLogitsLoss()
    data = torch.as_tensor(images.transpose(0, 3, 1, 2)).to(device)

    def step(real):
        of_generator, of_discriminator = optimizers
        ones = torch.ones(len(real), device=device)
        with torch.autocast(device, torch.bfloat16, enabled=half):
            noise = torch.randn(len(real), LATENT, 1, 1, device=device)
            fake = generator(noise)
            told = loss(discriminator(real), ones) + loss(
                discriminator(fake.detach()), 1 - ones
            )
        of_discriminator.zero_grad()
        told.backward()
        of_discriminator.step()
        with torch.autocast(device, torch.bfloat16, enabled=half):
            fooled = loss(discriminator(fake), ones)
        of_generator.zero_grad()
        fooled.backward()
        of_generator.step()

    def run():
        for start in range(0, len(data), batch):
            step(data[start : start + batch])
        if device == "cpu":
            return None
        torch.cuda.synchronize()
        return round(torch.cuda.max_memory_allocated() / 2**20)

    return run


def _generator(nn, doublings, width):
    filters = width << (doublings - 1)
    layers = [nn.ConvTranspose2d(LATENT, filters, 4, bias=False)]
    for _ in range(doublings - 1):
        layers += [
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.ConvTranspose2d(filters, filters // 2, 4, 2, 1, bias=False),
        ]
        filters //= 2
    layers += [nn.BatchNorm2d(filters), nn.ReLU()]
    last = nn.ConvTranspose2d(filters, 3, 4, 2, 1)
    return nn.Sequential(*layers, last, nn.Tanh())


def _discriminator(nn, doublings, width):
    layers = [nn.Conv2d(3, width, 5, 2, 2), nn.LeakyReLU(0.2)]
    for stage in range(1, doublings):
        filters = width << stage
        layers += [
            nn.Conv2d(filters // 2, filters, 5, 2, 2, bias=False),
            nn.BatchNorm2d(filters),
            nn.LeakyReLU(0.2),
        ]
    last = nn.Conv2d(width << (doublings - 1), 1, 4)
    return nn.Sequential(*layers, last, nn.Flatten(0))
