package dev.outboard.spi;

/**
 * The answer to "can this run on this host?". Shown to users as it is: {@code reason} says what is
 * missing, {@code remedy} what to do about it; both are one line, and empty when usable.
 */
public record Availability(boolean usable, String reason, String remedy) {
  /** Everything needed is there. */
  public static Availability yes() {
    return new Availability(true, "", "");
  }

  /** Something is missing. */
  public static Availability no(String reason, String remedy) {
    return new Availability(false, reason, remedy);
  }
}
