import type { ServiceName } from "../index.js";

/** The services that sample data can be made of: here, so that help does not load what makes them. */
export const sampleServices: readonly ServiceName[] = ["subscription", "player", "shop"];
