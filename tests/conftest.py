"""One torch thread: tests run side by side, and more threads would change a result's last bits."""

import torch

torch.set_num_threads(1)
