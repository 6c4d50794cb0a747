package dev.outboard.engine;

import java.util.Map;

/**
 * One row of the hostile matrix: what a guest or its VMM does, and what must become of it. What
 * must become of the others is the same for every row: nothing.
 *
 * @param name what is done, in words
 * @param outcome what must become of the attacker
 * @param act does it
 */
record Attack(String name, Outcome outcome, Act act) {
  /** The doing. */
  interface Act {
    void run(Attacker attacker) throws Exception;
  }

  /** What must become of the attacker. */
  sealed interface Outcome {}

  /** Its session ends, with a reason that contains these words. */
  record Ended(String reason) implements Outcome {}

  /** It is dropped and counted: exactly these, and no frame leaves the guest. */
  record Dropped(Map<String, Long> reasons) implements Outcome {}

  /** One frame is dropped and counted, for whatever reason. */
  record DroppedOne() implements Outcome {}

  /** Its session goes on. */
  record Unharmed() implements Outcome {}

  /** Its session goes on or ends; it depends on the moment. */
  record Either() implements Outcome {}

  static Attack ends(String name, String reason, Act act) {
    return new Attack(name, new Ended(reason), act);
  }

  static Attack dropped(String name, String reason, Act act) {
    return new Attack(name, new Dropped(Map.of(reason, 1L)), act);
  }

  static Attack unharmed(String name, Act act) {
    return new Attack(name, new Unharmed(), act);
  }

  static Attack either(String name, Act act) {
    return new Attack(name, new Either(), act);
  }

  @Override
  public String toString() {
    return name;
  }
}
