// Sessions of the client jira.js: node session.mjs NAME URL. A thrown error, or an answer that is not of the shape
// that jira.js expects, ends with exit code 1 and says what was wrong.

import assert from 'node:assert/strict';
import { createCloudClient, isNotFoundError } from 'jira.js';

const [name, host] = process.argv.slice(2);
const auth = { type: 'basic', email: 'admin@example.com', apiToken: 'admin-token' };
const jira = createCloudClient({ host, auth, onSchemaMismatch: 'throw' });

const text = (words) => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text: words }] }],
});

async function newIssue(summary, fields = {}) {
  const made = await jira.issues.createIssue({
    fields: { project: { key: 'SEC' }, summary, issuetype: { name: 'Task' }, ...fields },
  });
  return made.key;
}

const sessions = {
  async site() {
    assert.equal((await jira.serverInfo.getServerInfo()).deploymentType, 'Cloud');
    const me = await jira.myself.getCurrentUser();
    assert.equal(me.displayName, 'Ada Admin');
    assert.deepEqual((await jira.userSearch.findUsers({ query: 'ada' })).map((each) => each.accountId), [me.accountId]);
    const projects = await jira.projects.searchProjects();
    assert.ok(['SEC', 'TEST'].every((key) => projects.values.some((each) => each.key === key)));
    assert.ok((await jira.workflowStatuses.getStatuses()).some((each) => each.name === 'Done'));
    assert.ok((await jira.issueFields.getFields()).some((each) => each.id === 'summary'));
    assert.ok((await jira.issueTypes.getIssueAllTypes()).some((each) => each.subtask));
  },

  async issue() {
    const me = await jira.myself.getCurrentUser();
    const issueIdOrKey = await newIssue('Leak', { description: text('It drips'), labels: ['pipe'] });
    await jira.issues.assignIssue({ issueIdOrKey, accountId: me.accountId });
    await jira.issues.editIssue({ issueIdOrKey, fields: { summary: 'Leak, mended' } });
    const { transitions } = await jira.issues.getTransitions({ issueIdOrKey });
    const done = transitions.find((each) => each.to.name === 'Done');
    await jira.issues.doTransition({ issueIdOrKey, transition: { id: done.id } });
    const read = await jira.issues.getIssue({ issueIdOrKey, expand: 'changelog,names' });
    assert.equal(read.fields.summary, 'Leak, mended');
    assert.equal(read.fields.status.statusCategory.key, 'done');
    assert.ok((await jira.issues.getChangeLogs({ issueIdOrKey })).values.length >= 3);
    await jira.issues.deleteIssue({ issueIdOrKey });
    await assert.rejects(jira.issues.getIssue({ issueIdOrKey }), isNotFoundError);
  },

  async comments() {
    const issueIdOrKey = await newIssue('Talked about');
    const { id } = await jira.issueComments.addComment({ issueIdOrKey, body: text('First words') });
    await jira.issueComments.updateComment({ issueIdOrKey, id, body: { body: text('Second thoughts') } });
    const { comments } = await jira.issueComments.getComments({ issueIdOrKey });
    assert.equal(comments[0].body.content[0].content[0].text, 'Second thoughts');
    await jira.issueComments.deleteComment({ issueIdOrKey, id });
    const marked = await jira.issueComments.addComment({ issueIdOrKey, body: 'h2. A heading' }); // by version 2
    assert.equal(marked.body.type, 'doc');
    assert.equal((await jira.issueComments.getComments({ issueIdOrKey })).total, 1);
  },

  async search() {
    const keys = [await newIssue('One'), await newIssue('Two'), await newIssue('Three')];
    const asked = { jql: 'project = SEC ORDER BY key', fields: ['summary', 'status'], maxResults: 2 };
    const first = await jira.issueSearch.searchAndReconsileIssuesUsingJqlPost(asked);
    const second = await jira.issueSearch.searchAndReconsileIssuesUsingJql({
      ...asked,
      nextPageToken: first.nextPageToken,
    });
    assert.deepEqual([...first.issues, ...second.issues].map((each) => each.key), keys);
    assert.equal((await jira.issueSearch.countIssues({ jql: 'project = SEC' })).count, 3);
    const fetched = await jira.issues.bulkFetchIssues({ issueIdsOrKeys: keys, fields: ['summary'] });
    assert.equal(fetched.issues.length, 3);
  },
};

try {
  await sessions[name]();
} catch (error) {
  console.error(error.report ? JSON.stringify(error.report, null, 1) : error);
  process.exit(1);
}
