"""The sentences of the methods text, in English and in Chinese, from what the records say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Facts(msgspec.Struct, kw_only=True):
    """What there is to say of a history; every text is escaped already.

    Attributes:
        kinds: How many requests of each kind, the most common first.
        requests: How many in all.
        versions: Of nbext.
        pythons: Of Python.
        days: The first and the last, empty where none is recorded.
        places: Models by endpoint.
        sketches: How many results are of the embedded endpoint.
        seeded: The numbers of drawings that a seed was sent with, runs of them in one.
        unseeded: How many pictures and films of models had none.
        no_seed: The models whose wire format has no place for a seed.
        sweeps: The numbers of the drawings of each sweep, with its axes.
        repeated: How many times each request was asked that was asked more than once.
        starred: The numbers of starred drawings, with their notes.
        chosen: For how many of the repeated requests a star says which was chosen.
        paid: In US dollars, None where nothing is recorded.
        priced: For how many requests that is.
        real: How many requests went to models.
        failed: How many failed, by the error's name.
        maybe_billed: How many of those may have been billed.
        unanswered: The numbers of requests without an answer.
        tokens: How many the answers name, None where none does.
        counted: How many answers name any.
    """

    kinds: dict[str, int]
    requests: int
    versions: str
    pythons: str
    days: tuple[str, str]
    places: dict[str, list[str]]
    sketches: int
    seeded: list[str]
    unseeded: int
    no_seed: list[str]
    sweeps: list[tuple[list[str], str]]
    repeated: list[int]
    starred: dict[str, str]
    chosen: int
    paid: float | None
    priced: int
    real: int
    failed: dict[str, int]
    maybe_billed: int
    unanswered: list[str]
    tokens: int | None = None
    counted: int = 0


_KINDS = {
    "draw": ("a picture", "pictures", "图片"),
    "chat": ("a chat reply", "chat replies", "对话回复"),
    "respond": ("a reply", "replies", "回复"),
    "complete": ("a completion", "completions", "文本补全"),
    "video": ("a film", "films", "视频"),
}


class Prose(ABC):
    """A language to write the methods text in."""

    nothing: str
    headings: tuple[str, str, str, str]
    models: Sequence[str]
    prompts: Sequence[str]
    differences: Sequence[str]
    names: Mapping[str, str]
    files: Sequence[str]
    not_stated: str
    embedded: str
    defaults: str
    from_outside: str
    mask: str
    conversation: str
    system: str
    sent_as: str
    revised: str
    template: str
    manifest: str
    between: str
    closing: str

    def paragraph(self, facts: Facts) -> str:
        """Say all of it in sentences."""
        parts = (
            self._setup,
            self._sweeps,
            self._parameters,
            self._seeds,
            self._choice,
            self._costs,
            self._failures,
        )
        sentences = [sentence for part in parts for sentence in part(facts)]
        return self.between.join([*sentences, self.closing])

    @abstractmethod
    def _setup(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _sweeps(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _parameters(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _seeds(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _choice(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _costs(self, facts: Facts) -> list[str]: ...

    @abstractmethod
    def _failures(self, facts: Facts) -> list[str]: ...


class English(Prose):
    """The methods text in English."""

    nothing = "Nothing was drawn."
    headings = (
        "Models",
        "Prompts",
        "Requested and actual",
        "Files (sha256 of the bytes as received)",
    )
    models = (
        "model requested",
        "model named in the answer",
        "endpoint",
        "wire format",
        "requests",
        "dates",
        "ended",
        "tokens",
        "USD",
    )
    prompts = ("", "date (UTC)", "model", "prompt", "parameters", "from", "attempt", "★", "note")
    differences = ("", "of", "requested", "actual")
    names = MappingProxyType({"n": "pictures", "mask": "protected pixels that changed"})
    files = ("", "type", "pixels", "bytes", "sha256")
    not_stated = "not stated"
    embedded = "embedded endpoint (no model)"
    defaults = "defaults"
    from_outside = "given: "
    mask = "mask "
    conversation = "the conversation of "
    system = "system: "
    sent_as = "sent as: "
    revised = "revised by the endpoint to: "
    template = "template: "
    manifest = (
        "Number of lines of the history, and the hash of all of them, with which "
        "`history.verify(manifest=…)` finds any change"
    )
    between = " "
    closing = (
        "Parameters that are not listed in the table were left at the endpoint's defaults. "
        "The history that accompanies this text contains all requests, answers and pictures, "
        "including those that were not selected, each picture byte for byte as it was received. "
        "Running the notebook shows them again from there; only cells that ask for a new result, "
        "or whose request has changed, send a request."
    )

    def _setup(self, facts: Facts) -> list[str]:
        kinds = [
            (count, _KINDS.get(kind, (kind,) * 3)[count != 1])
            for kind, count in facts.kinds.items()
        ]
        what = f" for {kinds[0][1]}"
        if len(kinds) > 1:
            what = f" ({', '.join(f'{count} for {name}' for count, name in kinds)})"
        first, last = facts.days
        when = f"from {first} to {last} (UTC)" if first != last else f"on {first} (UTC)"
        when = when if first else "on dates that are not recorded"
        with_ = f"nbext {facts.versions or 'of unknown version'}"
        with_ += f" and Python {facts.pythons}" if facts.pythons else ""
        opening = f"{_n(facts.requests, 'request', 'requests')}{what} {_was(facts.requests)} made"
        return [f"{opening} with {with_} {when}."]

    def _sweeps(self, facts: Facts) -> list[str]:
        return [
            f"{_listed(numbers)} {'is' if len(numbers) == 1 and '–' not in numbers[0] else 'are'} "
            f"one sweep of {shape}."
            for numbers, shape in facts.sweeps
        ]

    def _parameters(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.places:
            places = [
                f"to {place} under the name{'s' if len(models) > 1 else ''} {_listed(models)}"
                for place, models in facts.places.items()
            ]
            sentences.append(
                f"Requests were sent {'; '.join(places)}; which model served them could not be "
                "verified."
            )
        if facts.sketches:
            results = _n(facts.sketches, "result is a sketch", "results are sketches")
            sentences.append(
                f"{results} of the embedded endpoint, made by a program without a model."
            )
        return sentences

    def _seeds(self, facts: Facts) -> list[str]:
        if not (facts.seeded or facts.unseeded):
            return []
        sentences = []
        if facts.seeded:
            sentences.append(
                f"A seed was sent with {', '.join(facts.seeded)}; whether the endpoint used it "
                "was not verified."
            )
        if facts.no_seed:
            sentences.append(f"No seed was available for {_listed(facts.no_seed)}.")
        if facts.unseeded:
            others = "the others" if facts.seeded else "any request"
            sentences.append(
                f"No seed was sent with {others}, so that the same request may give another "
                "picture each time."
            )
        return sentences

    def _choice(self, facts: Facts) -> list[str]:
        if facts.repeated:
            low, high = min(facts.repeated), max(facts.repeated)
            times = "twice" if high == 2 else f"{high} times" if low == high else ""
            many = len(facts.repeated)
            requests = _n(many, "request was", "requests were")
            sentences = [
                f"{requests} made {times or f'{low} to {high} times'}; all results are kept."
            ]
            if not facts.chosen:
                sentences.append("No result of these is marked as chosen.")
            elif facts.chosen == many:
                sentences.append(
                    f"A star marks the result that was chosen{' of each' if many > 1 else ''}."
                )
            else:
                sentences.append(
                    f"A star marks the result that was chosen of {facts.chosen} of these requests."
                )
        else:
            sentences = ["Each request was made once; nothing was selected from several results."]
        if facts.starred:
            named = [f"{n} (“{note}”)" if note else n for n, note in facts.starred.items()]
            sentences.append(f"Marked with a star: {_listed(named)}.")
        return sentences

    def _costs(self, facts: Facts) -> list[str]:
        if not facts.real:
            return ["No request was billed."]
        tokens = []
        if facts.tokens is not None:
            answers = _n(facts.counted, "answer reports", "answers report")
            tokens = [f"{answers} {facts.tokens:,} tokens in total."]
        if facts.paid is None:
            return [*tokens, "The cost is not recorded."]
        if facts.priced == facts.real:
            return [*tokens, f"The total cost was {facts.paid:.4g} USD."]
        known = f"The cost of {facts.priced} of {facts.real} requests is recorded"
        rest = f"{known}, {facts.paid:.4g} USD in total; that of the others is not."
        return [*tokens, rest]

    def _failures(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.failed:
            named = ", ".join(f"{name} {count}×" for name, count in facts.failed.items())
            many = sum(facts.failed.values())
            of_them = f"{facts.maybe_billed} of them " if many > 1 else ""
            billed = f", {of_them}perhaps billed" if facts.maybe_billed else ""
            sentences.append(f"{_n(many, 'request', 'requests')} failed ({named}){billed}.")
        if facts.unanswered:
            sentences.append(f"No answer is recorded for {', '.join(facts.unanswered)}.")
        return sentences


class Chinese(Prose):
    """The methods text in Chinese."""

    nothing = "没有绘制任何内容。"
    headings = ("模型", "提示词", "请求与实际", "文件（sha256 按收到的字节计算）")
    models = (
        "请求的模型",
        "应答的模型",
        "端点",
        "接口格式",
        "请求数",
        "日期",
        "停用日期",
        "词元",
        "美元",
    )
    prompts = ("", "日期（UTC）", "模型", "提示词", "参数", "来源", "次序", "★", "备注")
    differences = ("", "项目", "请求", "实际")
    names = MappingProxyType(
        {
            "n": "张数",
            "mask": "被改动的受保护像素",
            "route": "通道",
            "model": "模型",
            "size": "尺寸",
            "aspect": "画幅",
            "quality": "质量",
            "format": "格式",
            "background": "背景",
        }
    )
    files = ("", "类型", "像素", "字节", "sha256")
    not_stated = "未说明"
    embedded = "内置端点（无模型）"
    defaults = "默认"
    from_outside = "给定："
    mask = "蒙版 "
    conversation = "续接对话 "
    system = "系统消息："
    sent_as = "实际发送："
    revised = "端点改写为："
    template = "模板："
    manifest = "历史的行数，以及全部行的哈希；用 `history.verify(manifest=…)` 可发现任何改动"
    between = ""
    closing = (
        "表中未列出的参数均采用端点的默认值。"
        "全部请求、应答和图片（包括未被选用的）都在随文的历史记录中，图片按收到的字节原样保存；"
        "重新运行笔记本即可从中再次显示；只有要求新结果或请求已更改的单元格才会发送请求。"
    )

    def _setup(self, facts: Facts) -> list[str]:
        kinds = "、".join(
            f"{_KINDS.get(kind, (kind,) * 3)[2]} {count}" for kind, count in facts.kinds.items()
        )
        first, last = facts.days
        when = f"{first} 至 {last}（UTC）" if first != last else f"{first}（UTC）"
        when = when if first else "未记录的日期"
        with_ = f"nbext {facts.versions or '（版本未记录）'}"
        with_ += f"、Python {facts.pythons}" if facts.pythons else ""
        return [f"使用 {with_}，于 {when}共发出 {facts.requests} 次请求（{kinds}）。"]

    def _sweeps(self, facts: Facts) -> list[str]:
        return [
            f"{'、'.join(numbers)} 为一次网格绘制（{shape}）。" for numbers, shape in facts.sweeps
        ]

    def _parameters(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.places:
            places = [f"{place} 的 {'、'.join(models)}" for place, models in facts.places.items()]
            sentences.append(
                f"所请求的模型为：{'；'.join(places)}。"
                "模型名称以请求时所写为准，端点背后的实际模型无从核实。"
            )
        if facts.sketches:
            sentences.append(f"其中 {facts.sketches} 个结果由内置端点的程序绘制，未使用模型。")
        return sentences

    def _seeds(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.seeded:
            sentences.append(f"{'、'.join(facts.seeded)} 发送了随机种子，端点是否采用未经验证。")
        if facts.no_seed:
            sentences.append(f"{'、'.join(facts.no_seed)} 不提供随机种子。")
        if facts.unseeded:
            which = "其余请求" if facts.seeded else "所有请求"
            sentences.append(f"{which}均未发送随机种子，相同的请求每次可能得到不同的图片。")
        return sentences

    def _choice(self, facts: Facts) -> list[str]:
        if facts.repeated:
            low, high = min(facts.repeated), max(facts.repeated)
            times = f"{low}" if low == high else f"{low} 至 {high}"
            sentences = [f"有 {len(facts.repeated)} 个请求各发出 {times} 次，全部结果均予保留。"]
            sentences.append(
                f"其中 {facts.chosen} 个请求以星标注明所选的结果。"
                if facts.chosen
                else "这些结果中没有注明所选的一个。"
            )
        else:
            sentences = ["每个请求只发出一次，未从多个结果中挑选。"]
        if facts.starred:
            named = [f"{n}（“{note}”）" if note else n for n, note in facts.starred.items()]
            sentences.append(f"带星标的有：{'、'.join(named)}。")
        return sentences

    def _costs(self, facts: Facts) -> list[str]:
        if not facts.real:
            return ["未产生费用。"]
        tokens = []
        if facts.tokens is not None:
            tokens = [f"{facts.counted} 次应答报告了用量，共 {facts.tokens:,} 个词元。"]
        if facts.paid is None:
            return [*tokens, "费用未记录。"]
        if facts.priced == facts.real:
            return [*tokens, f"费用共 {facts.paid:.4g} 美元。"]
        known = f"{facts.real} 次请求中有 {facts.priced} 次记录了费用"
        return [*tokens, f"{known}，共 {facts.paid:.4g} 美元，其余未记录。"]

    def _failures(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.failed:
            named = "、".join(f"{name} {count} 次" for name, count in facts.failed.items())
            billed = f"，其中 {facts.maybe_billed} 次可能已计费" if facts.maybe_billed else ""
            sentences.append(f"{sum(facts.failed.values())} 次请求失败（{named}）{billed}。")
        if facts.unanswered:
            sentences.append(f"{'、'.join(facts.unanswered)} 没有留下应答。")
        return sentences


LANGUAGES: dict[str, Prose] = {"en": English(), "zh": Chinese()}


def _n(number: int, one: str, many: str) -> str:
    """Say how many there are, as a sentence begins with it."""
    return f"One {one}" if number == 1 else f"{number:,} {many}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
