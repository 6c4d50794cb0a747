package dev.outboard.testkit;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Every rule of every suite in the kit, found in its classes. */
final class Rules {
  /** By topic, then number. */
  static final Comparator<Rule> ORDER =
      Comparator.comparing((Rule rule) -> topic(rule.id()))
          .thenComparing(rule -> number(rule.id()));

  private Rules() {}

  private static String topic(String id) {
    return id.substring(0, id.lastIndexOf('-'));
  }

  private static int number(String id) {
    return Integer.parseInt(id.substring(id.lastIndexOf('-') + 1));
  }

  /** All types of the kit. */
  private static List<Class<?>> types() throws IOException, URISyntaxException {
    Path classes = Path.of(Rule.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.list(classes.resolve("dev/outboard/testkit"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && !name.equals("package-info.class")) {
          types.add(
              Class.forName(
                  Rule.class.getPackageName() + "." + name.replace(".class", ""),
                  false,
                  Rule.class.getClassLoader()));
        }
      }
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
    return types;
  }

  /** All rules, each as often as it is written. */
  static List<Rule> all() throws IOException, URISyntaxException {
    return types().stream()
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Rule.class))
        .map(method -> method.getAnnotation(Rule.class))
        .toList();
  }

  /** The suites that authors may subclass. */
  static List<Class<?>> suites() throws IOException, URISyntaxException {
    return types().stream()
        .filter(type -> Modifier.isAbstract(type.getModifiers()) && !type.isInterface())
        .filter(type -> Modifier.isPublic(type.getModifiers()) && type != TransportKit.class)
        .filter(type -> !of(type).isEmpty())
        .sorted(Comparator.comparing(Class::getSimpleName))
        .toList();
  }

  /** The rules of a suite, in order. */
  static List<Rule> of(Class<?> suite) {
    List<Rule> rules = new ArrayList<>();
    for (Class<?> type = suite; type != Object.class && type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        add(rules, method);
      }
    }
    for (Method method : suite.getMethods()) {
      add(rules, method);
    }
    rules.sort(ORDER);
    return rules;
  }

  private static void add(List<Rule> rules, Method method) {
    Rule rule = method.getAnnotation(Rule.class);
    if (rule != null && !rules.contains(rule)) {
      rules.add(rule);
    }
  }
}
