package dev.outboard.integration.config;

import java.io.StringReader;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Knows on which line of a YAML text a value stands. Used for messages only. */
final class SourceText {
  private final Node root;

  /**
   * Takes the text.
   *
   * @throws org.yaml.snakeyaml.error.MarkedYAMLException if it is not YAML
   */
  SourceText(String yaml) {
    root = new Yaml(new LoaderOptions()).compose(new StringReader(yaml));
  }

  /** Whether there is nothing but comments. */
  boolean isEmpty() {
    return root == null;
  }

  /** The line, from 1, of the value at the path, or of the nearest thing around it. */
  int line(List<Object> path) {
    Node node = root;
    int line = node == null ? 1 : node.getStartMark().getLine() + 1;
    for (Object step : path) {
      if (node instanceof MappingNode mapping && step instanceof String key) {
        NodeTuple entry = entry(mapping, key);
        if (entry == null) {
          return line;
        }
        line = entry.getKeyNode().getStartMark().getLine() + 1;
        node = entry.getValueNode();
      } else if (node instanceof SequenceNode list
          && step instanceof Integer index
          && index < list.getValue().size()) {
        node = list.getValue().get(index);
        line = node.getStartMark().getLine() + 1;
      } else {
        return line;
      }
    }
    return line;
  }

  private static NodeTuple entry(MappingNode mapping, String key) {
    return mapping.getValue().stream()
        .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode)
        .filter(tuple -> ((ScalarNode) tuple.getKeyNode()).getValue().equals(key))
        .findFirst()
        .orElse(null);
  }
}
