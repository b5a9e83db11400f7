/**
 * CSV as RFC 4180 has it. No value of the sample data needs quotes, so a row is joined from texts that are made once a
 * session; fast-csv's formatter, which looks at every field of every row, takes about twice as long.
 */
import type { FileHandle } from "node:fs/promises";
import {
  type EventBatch,
  type EventColumns,
  type EventWriter,
  NO_NUMBER,
  sessionName,
  userName,
} from "./event-batch.js";

/** Rows joined into one text before it becomes bytes: longer texts cost more to flatten than they save in calls. */
const ROWS_AT_ONCE = 4_096;

/** A service's events as CSV; the first line names the columns. */
export class CsvWriter implements EventWriter {
  private readonly file: FileHandle;
  private readonly columns: EventColumns;

  constructor(file: FileHandle, columns: EventColumns) {
    this.file = file;
    this.columns = columns;
  }

  async begin(): Promise<void> {
    const { eventTexts, eventNumbers, attributes, history } = this.columns;
    const names = ["user_id", "session_id", "ts", "event", ...eventTexts.map(({ name }) => name), ...eventNumbers];
    names.push(...attributes.map(({ name }) => name), ...(history ? ["first_seen", "visits_before"] : []));
    await this.file.appendFile(`${names.join(",")}\n`);
  }

  async write(batch: EventBatch, order: Uint32Array): Promise<void> {
    const { columns } = this;
    const before: string[] = [];
    const after: string[] = [];
    for (let session = 0; session < batch.sessions; session++) {
      before.push(`${userName(batch.users[session] as number)},${sessionName(batch.firstSession + session)},`);
      after.push(sessionFields(batch, session));
    }
    const clock = new IsoClock();
    let text = "";
    for (let place = 0; place < order.length; place++) {
      const row = order[place] as number;
      const session = batch.sessionOfRow[row] as number;
      text += before[session] as string;
      text += clock.format(batch.times[row] as number);
      text += ",";
      text += columns.events[batch.events[row] as number] as string;
      for (let i = 0; i < batch.eventTexts.length; i++) {
        const value = (batch.eventTexts[i] as Uint8Array)[row] as number;
        text += value === 0 ? "," : `,${columns.eventTexts[i]?.values[value - 1]}`;
      }
      for (let i = 0; i < batch.eventNumbers.length; i++) {
        const value = (batch.eventNumbers[i] as Int32Array)[row] as number;
        text += value === NO_NUMBER ? "," : `,${value}`;
      }
      text += after[session] as string;
      if ((place + 1) % ROWS_AT_ONCE === 0 || place + 1 === order.length) {
        await this.file.appendFile(Buffer.from(text, "latin1"));
        text = "";
      }
    }
  }

  async end(): Promise<void> {}
}

/** The end of each of a session's lines. */
function sessionFields(batch: EventBatch, session: number): string {
  const { columns } = batch;
  let text = "";
  columns.attributes.forEach(({ values }, i) => {
    text += `,${values[(batch.attributes[i] as Uint8Array)[session] as number]}`;
  });
  if (columns.history) {
    text += `,${new Date(batch.firstSeen[session] as number).toISOString()},${batch.visitsBefore[session]}`;
  }
  return `${text}\n`;
}

/** ISO 8601 in UTC with milliseconds; keeps the second's text, since neighbours in time order share it. */
class IsoClock {
  private second = Number.NaN;
  private text = "";

  format(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(second * 1000).toISOString().slice(0, 20);
    }
    return `${this.text}${String(ms - second * 1000).padStart(3, "0")}Z`;
  }
}
