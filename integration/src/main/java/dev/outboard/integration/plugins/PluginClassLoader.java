package dev.outboard.integration.plugins;

import java.net.URL;
import java.net.URLClassLoader;

/**
 * What a plugin sees: the JDK, the package {@code dev.outboard.spi} as it is in the sidecar, and
 * its own jars.
 *
 * <p>Theory of operation. The parent is the JDK's platform loader, so neither classes nor resources
 * of the sidecar or of its libraries are found through here; in particular no service files. The
 * SPI alone is an exception, since both sides must mean the same types: its package is asked for in
 * the sidecar and nowhere else, so a copy of it in a plugin's jar is never used, and a type that
 * only the copy has is missing. This keeps versions of libraries apart. It is no defence against a
 * plugin that means harm: that runs with all the rights of the daemon.
 */
final class PluginClassLoader extends URLClassLoader {
  private static final String SPI = "dev.outboard.spi.";

  static {
    registerAsParallelCapable();
  }

  private final ClassLoader sidecar = PluginClassLoader.class.getClassLoader();

  PluginClassLoader(String name, URL[] jars) {
    super("plugin-" + name, jars, ClassLoader.getPlatformClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return isSpi(name) ? sidecar.loadClass(name) : super.loadClass(name, resolve);
  }

  private static boolean isSpi(String name) {
    return name.startsWith(SPI) && name.indexOf('.', SPI.length()) < 0;
  }
}
