"""The same units on a Ray cluster: one task a unit; journal and files stay with the driver, so nodes need to share no disk.

A task is a pure function of the unit, so a node that dies costs nothing but the time: Ray runs its tasks again elsewhere.
Every node must have the same version of kepudraft; rules and phrases come with it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kepudraft._version import __version__
from kepudraft.batch.answers import Desk
from kepudraft.batch.engine import Drafted, Shop, placed
from kepudraft.batch.given import Form, GivenUnit
from kepudraft.batch.journal import Planned
from kepudraft.batch.unit import Made, UnitResult, make
from kepudraft.errors import MissingExtra, SetupError
from kepudraft.settings import load_settings

_PER_CPU = 3  # tasks that wait for each core of the cluster, so that none stands idle
_REACH_S = 5.0
_RETRIES = 8  # nodes that may die under one unit


@dataclass(frozen=True, slots=True)
class Parcel:
    """A unit with all that a node needs to draft it: the bytes of its file, where it is one, and the driver's version."""

    unit: GivenUnit
    data: bytes
    shop: Shop
    version: str = __version__


def ray_engine(address: str = "auto", init: Mapping[str, Any] | None = None) -> Callable[[Shop], RayEngine]:
    """Makes the engine for `run_batch`.

    Args:
        address: Of the cluster; "auto" for one that runs on this machine, "local" to start one here.
        init: Further arguments of `ray.init`.

    Raises:
        MissingExtra: Ray is not installed.
    """
    try:
        import ray  # noqa: F401 - looked for before anything is planned
    except ImportError as error:
        raise MissingExtra("没有安装 Ray", place="--engine ray", remedy="请安装：pip install 'kepudraft[ray]'") from error
    return lambda shop: RayEngine(shop, address, init or {})


class RayEngine:
    """Drafts as Ray tasks; see the module."""

    def __init__(self, shop: Shop, address: str, init: Mapping[str, Any]) -> None:
        self.places = 1024  # as many as could wait; what is really sent is bounded in `draft`
        self._shop, self._address, self._init = shop, address, init
        self._desk: Desk | None = None
        self._task: Any = None
        self._room = asyncio.Semaphore(1)

    async def open(self, desk: Desk) -> None:
        """See `Engine`.

        Raises:
            SetupError: There is no such cluster.
        """
        self._desk = desk
        cpus = await asyncio.to_thread(self._connect)
        self._room = asyncio.Semaphore(max(2, _PER_CPU * cpus))

    async def draft(self, planned: Planned, seat: int) -> Drafted:
        """See `Engine`."""
        import ray

        assert self._desk is not None  # opened
        async with self._room:
            parcel = await asyncio.to_thread(_parcel, planned.unit, self._shop)
            try:
                made: Made = await self._task.remote(parcel)
            except ray.exceptions.RayError as error:
                return Drafted(UnitResult(
                    error=f"集群没有做成（{type(error).__name__}）", place=planned.unit.place, remedy="请检查集群后用 --only-failed 重试"
                ))
        known = self._desk.journal.written(planned.stem)
        return await asyncio.to_thread(placed, made, self._shop.folder, planned.stem, known)

    async def close(self) -> None:
        """See `Engine`."""
        import ray

        await asyncio.to_thread(ray.shutdown)

    def _connect(self) -> int:
        import ray

        _reach(self._address)
        try:
            given = None if self._address == "local" else self._address
            ray.init(address=given, log_to_driver=False, logging_level=logging.ERROR, **self._init)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise SetupError(
                f"连不上 Ray 集群（{type(error).__name__}）", place=self._address, remedy="请先用 ray start 启动集群，或用 --ray-address 给出地址"
            ) from error
        self._task = ray.remote(num_cpus=1, max_retries=_RETRIES)(draft_parcel)
        resources: dict[str, float] = ray.cluster_resources()
        return int(resources.get("CPU", 1))


def _reach(address: str) -> None:
    """Refuse an address that nobody listens at: Ray itself would try for minutes.

    Raises:
        SetupError: Nobody does.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_REACH_S).close()
    except OSError as error:
        raise SetupError("连不上 Ray 集群", place=address, remedy="请先用 ray start 启动集群，或用 --ray-address 给出地址") from error


def draft_parcel(parcel: Parcel) -> Made:
    """Draft one unit on whatever node this is."""
    if parcel.version != __version__:
        told = f"节点上的 kepudraft 是 {__version__}，主机上是 {parcel.version}"
        return Made(UnitResult(error=told, remedy="请在所有节点安装同一版本"), {})
    drafter = _drafter(parcel.shop)
    if parcel.unit.form is not Form.FILE:
        return make(parcel.unit, drafter, parcel.shop.options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(parcel.unit.body).name  # the name counts: unit and year may be told by it
        path.write_bytes(parcel.data)
        return make(replace(parcel.unit, body=str(path)), drafter, parcel.shop.options)


def _parcel(unit: GivenUnit, shop: Shop) -> Parcel:
    data = b""
    if unit.form is Form.FILE:
        try:
            data = Path(unit.body).read_bytes()
        except OSError:
            data = b""  # reading the facts says so
    return Parcel(unit, data, shop)


@cache
def _drafter(shop: Shop) -> Any:  # noqa: ANN401 - a Drafter, kept between the tasks of one process
    there = shop if shop.settings.corpus_dir.is_dir() else replace(shop, settings=load_settings())
    return there.drafter()
