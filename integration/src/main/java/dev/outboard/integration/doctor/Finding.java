package dev.outboard.integration.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.outboard.integration.wire.Names;
import dev.outboard.spi.Availability;

/**
 * What one check has found. Part of the command's stable output: docs/doctor.schema.json.
 *
 * @param group what it is about: stack, transport, notifier, plugin, vmm, kernel or limit
 * @param name of the thing, unique in its group
 * @param found what is there, or the reason why it can't be used; one line
 * @param remedy what to do about it; one line, empty if all is well
 */
public record Finding(String group, String name, State state, String found, String remedy) {
  /** How good it is. */
  public enum State {
    /** As it should be. */
    OK,
    /** The sidecar runs, but something cannot be used or may surprise. */
    WARN,
    /** The sidecar can't run like this. */
    NO;

    /** As it is printed. */
    @Override
    @JsonValue
    public String toString() {
      return Names.lower(this);
    }
  }

  static Finding ok(String group, String name, String found) {
    return new Finding(group, name, State.OK, found, "");
  }

  static Finding warn(String group, String name, String found, String remedy) {
    return new Finding(group, name, State.WARN, found, remedy);
  }

  static Finding no(String group, String name, String found, String remedy) {
    return new Finding(group, name, State.NO, found, remedy);
  }

  /** Something that others can stand in for: not usable is worth a warning. */
  static Finding of(String group, String name, Availability here) {
    return here.usable()
        ? ok(group, name, "usable")
        : warn(group, name, here.reason(), here.remedy());
  }
}
