package dev.outboard.spi;

/**
 * One documented setting of a provider. The sidecar checks names and types before {@link
 * TransportProvider#open}; what else a value must be, the provider checks ({@link
 * TransportContext#number}).
 *
 * @param name as written in the configuration file, for example {@code pool.max}
 * @param type what the text must parse as
 * @param defaultValue the text used when the user gives none; must parse as {@code type}
 * @param help one sentence for users, with the unit
 */
public record Setting(String name, Type type, String defaultValue, String help) {
  /** What the text of a setting must parse as. */
  public enum Type {
    /** Any text. */
    TEXT,
    /** A whole number of 1 to 9 digits. */
    NUMBER,
    /** {@code true} or {@code false}. */
    FLAG
  }
}
