import { test } from "uvu";
import * as assert from "uvu/assert";
import { lazily } from "../../engine/lazily.js";

test("lazily makes a property when it is first read, once, and all of them where the object is copied", () => {
  const made: string[] = [];
  const make = (name: string) => () => {
    made.push(name);
    return name.toUpperCase();
  };
  const own = lazily<{ a: string; b: string }>({ a: make("a"), b: make("b") });
  assert.equal(made, []);
  assert.is(own.b + own.b, "BB");
  assert.equal(made, ["b"]);
  assert.equal({ ...own }, { a: "A", b: "B" });
  assert.equal(made, ["b", "a"]);
});

test.run();
