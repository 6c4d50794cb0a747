package dev.outboard.integration.plugins;

import dev.outboard.integration.wire.Names;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.Offloads;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/**
 * What plugins answer, once it was looked at whether it makes sense. What does not is a {@link
 * NonsenseException}. Called on plugins' threads.
 */
final class Checked {
  private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9.-]{0,62}");
  private static final int OFFLOADS =
      Offloads.CHECKSUM | Offloads.TSO4 | Offloads.TSO6 | Offloads.USO;

  private Checked() {}

  /** A name that configurations can use. */
  static String name(String name) {
    if (name == null || !Names.isName(name)) {
      throw new NonsenseException(
          "name() gives '%s', which is not a name: %s"
              .formatted(name == null ? "null" : Lines.one(name), Names.RULE));
    }
    return name;
  }

  /** Settings that are complete, in a list of our own. */
  static List<Setting> settings(List<Setting> settings) {
    if (settings == null) {
      throw new NonsenseException("settings() gives null; give an empty list for none");
    }
    List<Setting> checked = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Setting setting : settings) {
      if (setting == null || setting.name() == null || !isSetting(setting.name())) {
        throw new NonsenseException("settings() has one without a usable name");
      }
      String what = "settings(): '" + setting.name() + "'";
      if (!names.add(setting.name())) {
        throw new NonsenseException(what + " is there twice");
      }
      if (setting.type() == null || setting.help() == null || !hasDefault(setting)) {
        throw new NonsenseException(
            what + " needs a type, a default of that type and a line of help");
      }
      checked.add(setting);
    }
    return checked;
  }

  private static boolean isSetting(String name) {
    return SETTING.matcher(name).matches() && !name.equals("transport");
  }

  private static boolean hasDefault(Setting setting) {
    String text = setting.defaultValue();
    return text != null
        && switch (setting.type()) {
          case TEXT -> true;
          case NUMBER -> text.matches("[0-9]{1,9}");
          case FLAG -> text.matches("true|false");
        };
  }

  /** What a transport can do. */
  static Capabilities capabilities(Transport opened) {
    Capabilities can = opened.capabilities();
    if (can == null
        || can.scope() == null
        || (can.offloads() & ~OFFLOADS) != 0
        || can.maxMtu() < Capabilities.LEAST_MTU
        || can.maxFragments() < Capabilities.LEAST_FRAGMENTS) {
      throw new NonsenseException("capabilities() makes no sense: " + can);
    }
    return can;
  }

  /** An answer of three texts. */
  static Availability availability(Availability here) {
    if (here == null || here.reason() == null || here.remedy() == null) {
      throw new NonsenseException("probe() gives " + (here == null ? "null" : here));
    }
    return here.usable()
        ? Availability.yes()
        : Availability.no(Lines.one(here.reason()), Lines.one(here.remedy()));
  }

  /** Asks again whether a plugin can run; one that fails at that can't. */
  static Availability probe(Guard guard, Callable<Availability> probe) {
    try {
      return guard.call("probe()", () -> availability(probe.call()));
    } catch (PluginFailure e) {
      return Availability.no(guard.line(e), "tell who made it");
    }
  }

  /** Not null. */
  static <T> T made(String by, T made) {
    if (made == null) {
      throw new NonsenseException(by + " gives null");
    }
    return made;
  }
}
