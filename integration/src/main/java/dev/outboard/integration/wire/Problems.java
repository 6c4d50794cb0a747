package dev.outboard.integration.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says in a user's words why a text could not be read. Called by configuration and API. */
public final class Problems {
  private Problems() {}

  /** One line, without the place. */
  public static String describe(JsonProcessingException problem) {
    return switch (problem) {
      case UnrecognizedPropertyException e -> unknownKey(e);
      case InvalidFormatException e ->
          name(e.getPath())
              + " must be "
              + kind(e.getTargetType())
              + ", not '"
              + e.getValue()
              + "'";
      case MismatchedInputException e when !e.getPath().isEmpty() ->
          name(e.getPath()) + " must be " + kind(e.getTargetType());
      case MismatchedInputException e -> "expected " + kind(e.getTargetType());
      default -> problem.getOriginalMessage().lines().findFirst().orElse("unreadable");
    };
  }

  /** Where the problem is, as keys (String) and indices (Integer) from the root. */
  public static List<Object> path(JsonProcessingException problem) {
    if (!(problem instanceof JsonMappingException mapping)) {
      return List.of();
    }
    return mapping.getPath().stream()
        .map(step -> step.getFieldName() != null ? (Object) step.getFieldName() : step.getIndex())
        .toList();
  }

  private static String unknownKey(UnrecognizedPropertyException e) {
    List<JsonMappingException.Reference> path = e.getPath();
    String in = path.size() < 2 ? "" : " in " + name(path.subList(0, path.size() - 1));
    String known =
        e.getKnownPropertyIds().stream()
            .map(Object::toString)
            .sorted()
            .collect(Collectors.joining(", "));
    return "unknown key '" + e.getPropertyName() + "'" + in + "; known: " + known;
  }

  private static String name(List<JsonMappingException.Reference> path) {
    StringBuilder name = new StringBuilder();
    for (JsonMappingException.Reference step : path) {
      if (step.getFieldName() == null) {
        name.append('[').append(step.getIndex()).append(']');
      } else {
        name.append(name.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return name.toString();
  }

  private static String kind(Class<?> type) {
    if (type == null) {
      return "something else";
    } else if (type == Integer.class || type == Long.class) {
      return "a whole number";
    } else if (type == Boolean.class) {
      return "on or off";
    } else if (type == String.class) {
      return "text";
    } else if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    } else if (Map.class.isAssignableFrom(type) || type.isRecord()) {
      return "a set of keys";
    }
    return "another type than it is";
  }
}
