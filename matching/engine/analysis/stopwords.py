"""Words that carry grammar rather than content, plus the set phrases of project prose."""

from __future__ import annotations

_ENGLISH = """
    a about above after again against all also although am among an and any are as at be because been before being
    below between both but by can could did do does doing down during each either et etc few for from further had has
    have having he her here hers him his how however i if in into is it its itself just may me might more most must my
    no nor not now of off on once only or other our out over own per same she should so some such than that the their
    them then there therefore these they this those through thus to too towards under until up upon us very via was we
    were what when where whether which while who whom whose why will with within without would you your
    aim aims based need needs new novel objective objectives project projects provide use used using
"""

_CHINESE = """
    的 了 和 与 及 或 在 是 为 以 对 将 于 等 中 上 下 由 并 其 该 此 这 那 我们 他们 它 有 可 能 可以 能够 需要
    进行 通过 以及 并且 因此 所以 但 但是 而 且 如 如果 则 把 被 从 到 向 给 也 都 就 还 又 很 更 最 已 已经 正在 之
    者 所 个 项 种 类 各 每 后 前 时 目前 希望 寻求 寻找 提供 具有 具备 要求 相关 方面 用于 实现 本 我 你 您 他 她 贵 请
"""

ENGLISH = frozenset(_ENGLISH.split())
CHINESE = frozenset(_CHINESE.split())
