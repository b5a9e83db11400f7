import { z } from "zod";
import { attributeName, attribute as attributeText, conditions } from "./parts.js";
import type { Template } from "./template.js";

/** Attributes that are tried. */
const MOST = 10;

/** Parameters of `change`. */
export interface ChangeParameters {
  readonly attribute: string;
}

/** Differs from the user's session before. */
export const change: Template<ChangeParameters> = {
  name: "change",
  description: "an attribute differs from its value in the user's session before",
  parameters: z.strictObject({ attribute: attributeName }),
  grid: ({ hasUsers, attributes, grid }) =>
    hasUsers
      ? attributes
          .filter((attribute) => (grid.values[attribute]?.length ?? 0) > 1)
          .slice(0, MOST)
          .map((attribute) => ({ attribute }))
      : [],
  compile({ attribute }) {
    const name = attributeText(attribute);
    return conditions(`previous(${name}) != ${name}`);
  },
};
