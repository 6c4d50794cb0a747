package dev.outboard.integration.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.Transport;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The SPI grows by default methods. A guard that doesn't pass one on would swallow what the plugin
 * has to say, and nobody would notice.
 */
class GuardsAreCompleteTest {
  private static final Package SPI = Transport.class.getPackage();

  @Test
  void everyMethodOfTheSpiIsOverridden() throws Exception {
    List<String> swallowed = new ArrayList<>();
    List<Class<?>> guards = guards();
    for (Class<?> guard : guards) {
      for (Method method : guard.getMethods()) {
        if (method.getDeclaringClass().getPackage() == SPI
            && !Modifier.isStatic(method.getModifiers())) {
          swallowed.add(guard.getSimpleName() + " swallows " + method);
        }
      }
    }
    assertEquals(List.of(), swallowed);
    assertTrue(guards.size() >= 8, guards.toString());
  }

  /** The guards that are objects, those inside of others too. */
  private static List<Class<?>> guards() throws Exception {
    Path classes = Path.of(Guard.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> guards = new ArrayList<>();
    try (Stream<Path> files =
        Files.list(classes.resolve(Guard.class.getPackageName().replace('.', '/')))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.matches("Guarded.*\\.class")) {
          Class<?> type =
              Class.forName(Guard.class.getPackageName() + "." + name.replace(".class", ""));
          if (!Modifier.isAbstract(type.getModifiers())) {
            guards.add(type);
          }
        }
      }
    }
    return guards;
  }
}
