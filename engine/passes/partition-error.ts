/** Thrown with the partition that failed, so that the message can name it. */
export class PartitionError extends Error {
  readonly place: string;

  constructor(partition: number, partitions: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.place = `partition ${partition + 1} of ${partitions}`;
  }
}
