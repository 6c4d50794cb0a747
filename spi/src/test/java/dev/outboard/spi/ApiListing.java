package dev.outboard.spi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that plugins may use of this package, a line each, in an order that depends on names
 * alone: two listings differ where the API does.
 */
final class ApiListing {
  private static final String PACKAGE = ApiListing.class.getPackageName();

  private ApiListing() {}

  /** The listing of the classes as they are compiled now. */
  static String now() {
    List<String> lines = new ArrayList<>();
    lines.add("# The API of " + PACKAGE + ", version " + SpiVersion.CURRENT);
    for (Class<?> type : types()) {
      lines.add("");
      lines.add(header(type));
      Stream.of(fields(type), constructors(type), methods(type))
          .flatMap(List::stream)
          .forEach(member -> lines.add("  " + member));
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<Class<?>> types() {
    try {
      URI root = SpiVersion.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      Path directory = Path.of(root).resolve(PACKAGE.replace('.', '/'));
      try (Stream<Path> files = Files.list(directory)) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
            .map(name -> type(name.substring(0, name.length() - ".class".length())))
            .filter(ApiListing::isVisible)
            .sorted(Comparator.comparing(Class::getName))
            .collect(Collectors.toList());
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(PACKAGE + "." + name, false, ApiListing.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getDeclaringClass() == null || isVisible(type.getDeclaringClass()));
  }

  private static String header(Class<?> type) {
    String kind = type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
    String header =
        (type.isInterface()
                ? modifiers(type.getModifiers())
                : modifiers(type.getModifiers()) + kind)
            + " "
            + type.getName();
    if (type.isRecord()) {
      header +=
          Arrays.stream(type.getRecordComponents())
              .map(part -> part.getGenericType().getTypeName() + " " + part.getName())
              .collect(Collectors.joining(", ", "(", ")"));
    }
    List<Type> above = new ArrayList<>(List.of(type.getGenericInterfaces()));
    if (type.getGenericSuperclass() != null && !type.isRecord() && !type.isEnum()) {
      above.add(0, type.getGenericSuperclass());
    }
    above.remove(Object.class);
    if (!above.isEmpty()) {
      header += above.stream().map(Type::getTypeName).collect(Collectors.joining(", ", " is ", ""));
    }
    return deprecation(type) + header;
  }

  private static String modifiers(int modifiers) {
    String text = Modifier.toString(modifiers & ~Modifier.SYNCHRONIZED);
    return text.contains("interface")
        ? text.replace("abstract ", "").replace("static ", "")
        : text + " ";
  }

  private static List<String> fields(Class<?> type) {
    return members(type.getDeclaredFields(), ApiListing::field);
  }

  /** With the value of a constant: it is compiled into whoever uses it. */
  private static String field(Field field) {
    String text = deprecation(field) + field.toGenericString();
    try {
      boolean constant =
          Modifier.isStatic(field.getModifiers())
              && (field.getType().isPrimitive() || field.getType() == String.class);
      return constant ? text + " = " + field.get(null) : text;
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> constructors(Class<?> type) {
    return members(type.getDeclaredConstructors(), ApiListing::constructor);
  }

  private static String constructor(Constructor<?> constructor) {
    return deprecation(constructor) + constructor.toGenericString();
  }

  private static List<String> methods(Class<?> type) {
    Method[] all = type.getDeclaredMethods();
    return members(
        Arrays.stream(all)
            .filter(method -> !method.isAnnotationPresent(EngineOnly.class))
            .toArray(Method[]::new),
        ApiListing::method);
  }

  private static String method(Method method) {
    return deprecation(method)
        + method.toGenericString().replace(" synchronized", "").replace(" abstract", "");
  }

  private static <M extends Member> List<String> members(M[] members, Function<M, String> text) {
    return Arrays.stream(members)
        .filter(m -> (m.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0)
        .filter(m -> !m.isSynthetic())
        .map(text)
        .sorted()
        .collect(Collectors.toList());
  }

  private static String deprecation(AnnotatedElement element) {
    Deprecated deprecated = element.getAnnotation(Deprecated.class);
    return deprecated == null
        ? ""
        : deprecated.forRemoval() ? "deprecated for removal: " : "deprecated: ";
  }
}
