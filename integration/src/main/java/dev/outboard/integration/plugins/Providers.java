package dev.outboard.integration.plugins;

import dev.outboard.spi.SpiVersion;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;

/** Makes the object that a service file names. Says in a line why that is not possible. */
final class Providers {
  private Providers() {}

  /**
   * Loads the class and calls its constructor, both behind the guard: either runs the plugin's
   * code.
   *
   * @throws PluginRefusedException if the class is not what it should be
   * @throws PluginFailure if its own code failed or hangs
   */
  static Object make(Guard guard, ClassLoader loader, PluginFolder folder)
      throws PluginRefusedException, PluginFailure {
    try {
      return guard.call("its constructor", () -> make(loader, folder));
    } catch (PluginFailure e) {
      String line =
          switch (e.getCause()) {
            case PluginRefusedException refused -> refused.getMessage();
            case UnsupportedClassVersionError newer ->
                "%s was compiled for a newer Java than this one, %s: %s"
                    .formatted(
                        folder.provider(),
                        Runtime.version().feature(),
                        Lines.one(newer.getMessage()));
            case NoClassDefFoundError missing ->
                "a class is missing, %s: it is in none of its jars; add the dependency that has it"
                    .formatted(Lines.one(missing.getMessage()).replace('/', '.'));
            case NoSuchMethodError missing -> spiChanged(missing);
            case NoSuchFieldError missing -> spiChanged(missing);
            case ExceptionInInitializerError failed ->
                "the static part of a class threw " + Lines.one("" + failed.getCause());
            case LinkageError broken -> "a class can't be used: " + Lines.one("" + broken);
            case null, default -> throw e;
          };
      throw new PluginRefusedException(line, e);
    }
  }

  private static String spiChanged(LinkageError missing) {
    return "it was compiled against something else than SPI %s or its own jars: %s"
        .formatted(SpiVersion.CURRENT, Lines.one("" + missing));
  }

  private static Object make(ClassLoader loader, PluginFolder folder) throws Exception {
    String name = folder.provider();
    Class<?> type;
    try {
      type = Class.forName(name, true, loader);
    } catch (ClassNotFoundException e) {
      throw new PluginRefusedException(
          "its service file names %s, which is in none of its jars".formatted(name), e);
    }
    if (!folder.kind().type.isAssignableFrom(type)) {
      throw new PluginRefusedException(
          "%s does not implement %s".formatted(name, folder.kind().type.getName()));
    }
    try {
      Constructor<?> constructor = type.getConstructor();
      if (!Modifier.isPublic(type.getModifiers()) || Modifier.isAbstract(type.getModifiers())) {
        throw new NoSuchMethodException();
      }
      return constructor.newInstance();
    } catch (NoSuchMethodException e) {
      throw new PluginRefusedException(
          "%s must be a public class with a public constructor without parameters".formatted(name),
          e);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception thrown ? thrown : e;
    }
  }
}
