"""The README.txt of a handout, in English and Chinese."""

from __future__ import annotations

_ENGLISH = """\
Open {notebook} in JupyterLab and run all cells. The pictures are included, so you do not need a
key, a network or an account. Install nbext first: pip install nbext

"""
_CHINESE = """\
在 JupyterLab 中打开 {notebook}，然后运行所有单元格。图片已经画好，不需要密钥、网络或账号。
请先安装 nbext：pip install nbext

"""

MESSAGES = {
    "refused": (
        f"{_ENGLISH}A prompt of your own gets a short message: this lesson draws no new pictures.",
        f"{_CHINESE}这节课不画新图；输入自己的提示词时，会显示一句说明。",
    ),
    "sketched": (
        f"{_ENGLISH}Prompts of your own are drawn as sketches, at no cost.",
        f"{_CHINESE}自己的提示词会画成草图，不收费。",
    ),
}
