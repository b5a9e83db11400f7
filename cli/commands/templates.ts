import { formatTemplates, templates } from "../../index.js";
import { layoutOf, print } from "../context.js";

/** `leadline templates`: prints the library of hypothesis templates. */
export function listTemplates(): void {
  print(formatTemplates(templates, layoutOf(process.stdout)));
}
