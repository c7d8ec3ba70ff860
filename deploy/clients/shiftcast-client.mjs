// A client of `shiftcast serve` in one file, for copying: Node 18 or newer and nothing else.
//
//   const creatives = new Creatives("http://127.0.0.1:8700", token);
//   const shown = await creatives.best("c-home", "native", {user: "9f2c1d7e"});
//   if (shown) console.log(shown.body, shown.expiresMs);
//
// null: nothing may be shown. Throws LookUpError (with what to give) when the question is refused, and what
// fetch throws when nobody answers in time.

export const JSON_ = "application/json";
export const NATIVE = "application/vnd.openrtb.native+json";
export const HTML = "text/html";
export const VAST = "application/xml";

/** The look-up refused a question. */
export class LookUpError extends Error {}

/** The look-up at an address. */
export class Creatives {
  constructor(address, token, timeoutMs = 250) {
    this.address = address;
    this.headers = {Authorization: `Bearer ${token}`};
    this.timeoutMs = timeoutMs;
  }

  /**
   * The best creative that may be shown. `audience`: user, segment or default; `staleS`: for so long the
   * look-up has not heard of newer withdrawals, 0 = it is up to date.
   */
  async best(campaign, slot, {user = "", segment = "", capped = [], accept = JSON_} = {}) {
    const asked = {campaign, slot, user, segment, capped: capped.join(",")};
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    const answer = await fetch(`${this.address}/v1/creative?${query}`, {
      headers: {...this.headers, Accept: accept},
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const body = await answer.text();
    if (answer.status === 204) return null;
    if (answer.status !== 200) throw new LookUpError(`${answer.status}: ${body}`);
    return {
      body,
      creativeId: answer.headers.get("X-Shiftcast-Creative"),
      audience: answer.headers.get("X-Shiftcast-Audience"),
      expiresMs: Number(answer.headers.get("X-Shiftcast-Expires")),
      staleS: Number(answer.headers.get("X-Shiftcast-Stale-S") ?? 0),
    };
  }
}
