package dev.outboard.testkit;

/**
 * Ends a rule that is about something that is not declared, an offload for instance: it is kept, as
 * nothing was promised. No skipped test, which authors would have to explain.
 */
final class Undeclared extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private Undeclared(String what) {
    super(what, null, false, false);
  }

  /** Goes on only with what is declared. */
  static void unless(boolean declared, String what) {
    if (!declared) {
      throw new Undeclared(what);
    }
  }
}
