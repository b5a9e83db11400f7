import { Random } from "../../sample/random.js";

const DAY_S = 86_400;
const SESSIONS = 800;

/**
 * The events.csv of the README: payments of a week, of which a tenth fails, and seven tenths of those with a coupon error.
 * The page shows its first lines.
 */
export function ownEvents(): string {
  const random = new Random();
  random.reseed(7, 0, 0, 0);
  const lines = ["user_id,session_id,ts,event,os"];
  for (let session = 1; session <= SESSIONS; session++) {
    let time = Date.UTC(2026, 10, 16) + random.below(7 * DAY_S) * 1000;
    const user = `u${1 + random.below(SESSIONS / 2)}`;
    const os = random.chance(0.5) ? "ios" : "android";
    const emit = (event: string, pauseMs: number): void => {
      lines.push([user, `s${session}`, new Date(time).toISOString(), event, os].join(","));
      time += pauseMs;
    };
    emit("cart_view", 4000);
    if (random.chance(0.5)) emit("help_view", 3000);
    emit("buy", 800);
    const hasError = random.chance(0.15);
    if (hasError) emit("coupon_error", 0);
    // payments take their time, so that those with and without the error can be compared at the same age
    time += 1000 + random.below(6000);
    if (!random.chance(hasError ? 0.7 : 0.1)) emit("payment_complete", 1000);
  }
  return `${lines.join("\n")}\n`;
}
