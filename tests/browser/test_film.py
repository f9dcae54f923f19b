"""The embedded endpoint's films are films: a browser plays them from the address in the answer."""

from __future__ import annotations

import re

import httpx
import pytest

PLAY = """async () => {
  const film = document.querySelector("video");
  await new Promise((ready, failed) => {
    if (film.readyState >= 2) ready();
    film.onloadeddata = ready;
    film.onerror = () => failed(new Error(film.error.message));
    setTimeout(() => failed(new Error("no data after 10 s")), 10000);
  });
  const before = film.currentTime;
  film.muted = true;
  await film.play();
  for (let i = 0; i < 100 && film.currentTime < before + 0.3; i++)
    await new Promise(next => setTimeout(next, 50));
  const played = film.currentTime - before;
  const sought = new Promise(next => { film.onseeked = next; });
  film.pause();
  film.currentTime = 1.5;
  await sought;
  return [film.videoWidth, film.videoHeight, film.duration, played, film.currentTime];
}"""


def test_a_film_over_chat_plays_and_seeks(endpoint, browser):
    text = httpx.post(
        f"{endpoint.base_url}/chat/completions",
        headers={"Authorization": f"Bearer {endpoint.key}"},
        json={
            "model": "veo3",
            "seconds": 2,
            "messages": [{"role": "user", "content": "a boat in a storm"}],
        },
        timeout=60,
    ).json()["choices"][0]["message"]["content"]
    film = re.search(r"\((\S+\.mp4)\)", text)[1]
    page = browser.new_page()
    page.set_content(f'<video muted src="{film}"></video>')
    width, height, seconds, played, sought = page.evaluate(PLAY)
    page.close()
    assert (width, height) == (640, 360)
    assert seconds == pytest.approx(2.0, abs=0.05)
    assert played >= 0.3
    assert sought == pytest.approx(1.5)
