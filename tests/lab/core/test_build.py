from collections.abc import Iterator

import pytest
import torch

from twin.lab.core import build


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)


def test_on_cuda_torch_computes_in_a_fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.os, "environ", {})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert build.device("cpu") == "cpu"
    assert not torch.are_deterministic_algorithms_enabled()
    assert build.device("auto") == "cuda"
    assert torch.are_deterministic_algorithms_enabled()
    assert build.os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_without_cuda_auto_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert build.device("auto") == "cpu"
    assert not torch.are_deterministic_algorithms_enabled()
