package dev.outboard.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of docs/ that a test follows: its code blocks, by the word behind the language, which is a
 * file's path or a name for what is to be typed.
 */
public final class GuidePage {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+) (\\S+)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

  private final String text;
  private final Map<String, String> files = new LinkedHashMap<>();
  private final Map<String, String> commands = new LinkedHashMap<>();

  /** Reads a page. */
  public GuidePage(String name) throws IOException {
    text = Files.readString(Lab.root().resolve("docs").resolve(name));
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      (block.group(1).equals("sh") ? commands : files).put(block.group(2), block.group(3));
    }
  }

  /** All of it. */
  public String text() {
    return text;
  }

  /** What its reader writes, by path. */
  public Map<String, String> files() {
    return files;
  }

  /** What its reader types under this name. */
  public String commands(String name) {
    String lines = commands.get(name);
    if (lines == null) {
      throw new IllegalArgumentException("the page has no commands '" + name + "': " + commands);
    }
    return lines;
  }

  /** Writes its files into a folder. */
  public void writeFiles(Path folder) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }
}
