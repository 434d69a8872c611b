package io.balsa.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The values of a configuration file by their paths, once its structure was found to be that of {@link ConfigKey}. */
final class ConfigTree {
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final Set<Tag> PLAIN_TAGS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL);

    private final Path file;
    private final Map<String, ConfigValue> values = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> texts = new HashMap<>();
    private final Map<String, Integer> linesOfItems = new TreeMap<>();
    private int items;

    private ConfigTree(Path file) {
        this.file = file;
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException if it can't be read, is no YAML, or has unknown, repeated or wrongly nested keys
     */
    static ConfigTree read(Path file) {
        ConfigTree tree = new ConfigTree(file);
        Node root = tree.compose(tree.text()).orElseThrow(() -> ConfigException.of(file, "the file is empty"));
        tree.readMapping("", "", root);
        return tree;
    }

    Path file() {
        return file;
    }

    /** How many items the list of nodes has. */
    int items() {
        return items;
    }

    /** The value at a path like {@code nodes[0].port}, if it is given. */
    Optional<ConfigValue> value(String path) {
        return Optional.ofNullable(values.get(path));
    }

    /** The texts of a mapping whose keys are free; empty if it is not given. */
    Map<String, String> texts(String path) {
        return texts.getOrDefault(path, Map.of());
    }

    /** Says that a key is missing; points at the list's item where that is what lacks it. */
    ConfigException missing(String path) {
        int dot = path.lastIndexOf('.');
        Integer line = linesOfItems.get(path.substring(0, Math.max(dot, 0)));
        String problem = path + ": missing; this key is required";
        return line == null ? ConfigException.of(file, problem) : ConfigException.at(file, line, problem);
    }

    private String text() {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > MAX_FILE_BYTES) {
                throw ConfigException.of(file, "larger than " + MAX_FILE_BYTES + " bytes; is this the right file?");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw ConfigException.of(file, "no such file");
        } catch (CharacterCodingException e) {
            throw ConfigException.of(file, "not UTF-8 text");
        } catch (IOException e) {
            throw ConfigException.of(
                    file, Files.isDirectory(file) ? "is a directory" : "cannot be read: " + e.getMessage());
        }
    }

    private Optional<Node> compose(String text) {
        try {
            return new Compose(LoadSettings.builder().setLabel(file.toString()).build()).composeString(text);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark()
                    .or(e::getContextMark)
                    .map(mark -> mark.getLine() + 1)
                    .orElse(1);
            throw ConfigException.at(file, line, "not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw ConfigException.of(file, "not valid YAML: " + firstLine(e));
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /**
     * Reads one mapping.
     *
     * @param path what users call it
     * @param pattern the same with {@code []} for list items, as in {@link ConfigKey}
     */
    private void readMapping(String path, String pattern, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrongKind(path, node, "a mapping with the keys " + String.join(", ", keysOf(pattern)));
        }
        Map<String, Integer> seen = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = nameOf(path, tuple.getKeyNode());
            String childPath = join(path, key);
            int line = line(tuple.getKeyNode());
            Integer firstLine = seen.putIfAbsent(key, line);
            if (firstLine != null) {
                throw ConfigException.at(file, line, childPath + ": given twice; first in line " + firstLine);
            }
            readChild(childPath, join(pattern, key), line, tuple.getValueNode());
        }
    }

    private void readChild(String path, String pattern, int line, Node node) {
        Optional<ConfigKey> leaf = Spelling.keyAt(pattern);
        if (leaf.isPresent() && leaf.get().type() == ConfigType.TEXTS) {
            texts.put(path, readTexts(path, node));
        } else if (leaf.isPresent()) {
            values.put(path, new ConfigValue(file, line(node), path, scalar(path, node)));
        } else if (Spelling.isSection(pattern)) {
            readMapping(path, pattern, node);
        } else if (Spelling.isSection(pattern + "[]")) {
            readItems(path, pattern + "[]", node);
        } else {
            throw ConfigException.at(file, line, path + ": unknown key; " + Spelling.hint(pattern));
        }
    }

    private void readItems(String path, String pattern, Node node) {
        if (!(node instanceof SequenceNode sequence)) {
            throw wrongKind(path, node, "a list");
        }
        for (Node item : sequence.getValue()) {
            String itemPath = path + "[" + items + "]";
            linesOfItems.put(itemPath, line(item));
            readMapping(itemPath, pattern, item);
            items++;
        }
    }

    private Map<String, String> readTexts(String path, Node node) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrongKind(path, node, "a mapping of texts to texts");
        }
        Map<String, String> read = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = nameOf(path, tuple.getKeyNode());
            String childPath = join(path, key);
            if (read.put(key, scalar(childPath, tuple.getValueNode())) != null) {
                throw ConfigException.at(file, line(tuple.getKeyNode()), childPath + ": given twice");
            }
        }
        return read;
    }

    private String nameOf(String path, Node key) {
        if (key instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrongKind(path, key, "a mapping whose keys are plain names");
    }

    private String scalar(String path, Node node) {
        if (node instanceof ScalarNode scalar && PLAIN_TAGS.contains(scalar.getTag())) {
            return scalar.getValue();
        }
        throw wrongKind(path, node, "a single value");
    }

    private ConfigException wrongKind(String path, Node node, String expected) {
        String found = "a value with the tag " + node.getTag();
        if (node.getTag().equals(Tag.NULL)) {
            found = "nothing";
        } else if (node instanceof MappingNode) {
            found = "a mapping";
        } else if (node instanceof SequenceNode) {
            found = "a list";
        } else if (node instanceof ScalarNode scalar && PLAIN_TAGS.contains(scalar.getTag())) {
            found = "'" + scalar.getValue() + "'";
        }
        String subject = path.isEmpty() ? "" : path + ": ";
        return ConfigException.at(file, line(node), subject + "expected " + expected + ", found " + found);
    }

    private static Set<String> keysOf(String pattern) {
        return new LinkedHashSet<>(Spelling.childrenOf(pattern));
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
