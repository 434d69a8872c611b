package io.balsa.server.cases;

/**
 * A test that names a case.
 *
 * @param caseNumber the case
 * @param file the source file, as seen from the root of the repository
 * @param type the simple name of the class
 * @param method the method; empty when the whole class has the tag
 */
record TaggedTest(int caseNumber, String file, String type, String method) {}
