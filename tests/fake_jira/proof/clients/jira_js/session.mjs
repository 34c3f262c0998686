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

  async project() {
    const me = await jira.myself.getCurrentUser();
    const made = await jira.projects.createProject({
      key: 'NEW',
      name: 'Brand new',
      projectTypeKey: 'software',
      leadAccountId: me.accountId,
    });
    assert.equal(made.key, 'NEW');
    const read = await jira.projects.getProject({ projectIdOrKey: 'NEW', expand: 'lead,description,issueTypes' });
    assert.equal(read.lead.accountId, me.accountId);
    await jira.projects.updateProject({ projectIdOrKey: 'NEW', name: 'Not so new' });
    assert.ok((await jira.projects.getAllStatuses({ projectIdOrKey: 'NEW' })).length > 0);
    await jira.projectProperties.setProjectProperty({ projectIdOrKey: 'NEW', propertyKey: 'team', body: { size: 5 } });
    const { value } = await jira.projectProperties.getProjectProperty({ projectIdOrKey: 'NEW', propertyKey: 'team' });
    assert.equal(value.size, 5);
    await jira.projects.deleteProject({ projectIdOrKey: 'NEW' });
    await assert.rejects(jira.projects.getProject({ projectIdOrKey: 'NEW' }), isNotFoundError);
  },

  async parts() {
    const project = await jira.projects.getProject({ projectIdOrKey: 'SEC' });
    const pump = await jira.projectComponents.createComponent({ project: 'SEC', name: 'Pump' });
    await jira.projectComponents.updateComponent({ id: pump.id, body: { description: 'It pumps' } });
    const components = await jira.projectComponents.getProjectComponents({ projectIdOrKey: 'SEC' });
    assert.deepEqual(components.map((each) => each.description), ['It pumps']);
    const one = await jira.projectVersions.createVersion({ projectId: Number(project.id), name: '1.0' });
    await jira.projectVersions.updateVersion({ id: one.id, body: { released: true, releaseDate: '2026-05-01' } });
    const key = await newIssue('In parts', { components: [{ id: pump.id }], fixVersions: [{ id: one.id }] });
    const { fields } = await jira.issues.getIssue({ issueIdOrKey: key });
    assert.deepEqual([fields.components[0].name, fields.fixVersions[0].released], ['Pump', true]);
    assert.equal((await jira.projectComponents.getComponentRelatedIssues({ id: pump.id })).issueCount, 1);
    assert.equal((await jira.projectVersions.getVersionRelatedIssues({ id: one.id })).issuesFixedCount, 1);
    const page = await jira.projectVersions.getProjectVersionsPaginated({ projectIdOrKey: 'SEC' });
    assert.equal(page.total, 1);
    await jira.projectVersions.deleteAndReplaceVersion({ id: one.id });
    await jira.projectComponents.deleteComponent({ id: pump.id });
  },

  async worklogs() {
    const issueIdOrKey = await newIssue('Much work');
    const logged = { issueIdOrKey, timeSpent: '2h', comment: text('Dug') };
    const { id } = await jira.issueWorklogs.addWorklog({ ...logged, started: '2026-05-01T09:00:00.000+0000' });
    await jira.issueWorklogs.updateWorklog({ issueIdOrKey, id, body: { timeSpentSeconds: 3600 } });
    const { worklogs } = await jira.issueWorklogs.getIssueWorklog({ issueIdOrKey });
    assert.equal(worklogs[0].timeSpentSeconds, 3600);
    assert.equal((await jira.issueWorklogs.getWorklogsForIds({ ids: [Number(id)] })).length, 1);
    await jira.issueWorklogs.deleteWorklog({ issueIdOrKey, id });
    assert.equal((await jira.issueWorklogs.getIssueWorklog({ issueIdOrKey })).total, 0);
  },

  async attachments() {
    const issueIdOrKey = await newIssue('With a file');
    assert.ok((await jira.issueAttachments.getAttachmentMeta()).enabled);
    const file = { filename: 'notes.txt', content: Buffer.from('Some notes') };
    const [{ id }] = await jira.issueAttachments.addAttachment({ issueIdOrKey, attachments: file });
    assert.equal((await jira.issueAttachments.getAttachment({ id })).filename, 'notes.txt');
    const content = await jira.issueAttachments.getAttachmentContent({ id });
    assert.equal(new TextDecoder().decode(content), 'Some notes');
    await jira.issueAttachments.removeAttachment({ id });
    await assert.rejects(jira.issueAttachments.getAttachment({ id }), isNotFoundError);
  },

  async links() {
    const [one, two] = [await newIssue('One'), await newIssue('Two')];
    const { issueLinkTypes } = await jira.issueLinkTypes.getIssueLinkTypes();
    const blocks = issueLinkTypes.find((each) => each.name === 'Blocks');
    await jira.issueLinks.linkIssues({
      type: { name: blocks.name },
      inwardIssue: { key: one },
      outwardIssue: { key: two },
    });
    const { fields } = await jira.issues.getIssue({ issueIdOrKey: one, fields: ['issuelinks'] });
    const linkId = fields.issuelinks[0].id;
    assert.equal((await jira.issueLinks.getIssueLink({ linkId })).type.name, 'Blocks');
    await jira.issueLinks.deleteIssueLink({ linkId });
    const object = { url: 'https://example.com/pump', title: 'The pump' };
    const remote = await jira.issueRemoteLinks.createOrUpdateRemoteIssueLink({
      issueIdOrKey: one,
      globalId: 'pump=1',
      object,
    });
    const read = await jira.issueRemoteLinks.getRemoteIssueLinkById({ issueIdOrKey: one, linkId: String(remote.id) });
    assert.equal(read.object.title, 'The pump');
    await jira.issueRemoteLinks.deleteRemoteIssueLinkByGlobalId({ issueIdOrKey: one, globalId: 'pump=1' });
  },

  async followers() {
    const issueIdOrKey = await newIssue('Liked');
    const me = await jira.myself.getCurrentUser();
    await jira.issueWatchers.addWatcher({ issueIdOrKey, body: me.accountId });
    assert.ok((await jira.issueWatchers.getIssueWatchers({ issueIdOrKey })).isWatching);
    await jira.issueWatchers.removeWatcher({ issueIdOrKey, accountId: me.accountId });
    assert.equal((await jira.issueWatchers.getIssueWatchers({ issueIdOrKey })).watchCount, 0);
    assert.equal((await jira.issueVotes.getVotes({ issueIdOrKey })).votes, 0);
    await jira.issueProperties.setIssueProperty({ issueIdOrKey, propertyKey: 'mood', body: { good: true } });
    const { keys } = await jira.issueProperties.getIssuePropertyKeys({ issueIdOrKey });
    assert.deepEqual(keys.map((each) => each.key), ['mood']);
    await jira.issueProperties.deleteIssueProperty({ issueIdOrKey, propertyKey: 'mood' });
  },

  async filters() {
    const { id } = await jira.filters.createFilter({ name: 'Mine', jql: 'project = SEC', favourite: true });
    assert.equal((await jira.filters.getFilter({ id: Number(id) })).jql, 'project = SEC');
    await jira.filters.updateFilter({ id: Number(id), body: { name: 'Ours', jql: 'project = TEST' } });
    assert.deepEqual((await jira.filters.getMyFilters()).map((each) => each.name), ['Ours']);
    assert.equal((await jira.filters.getFiltersPaginated({ filterName: 'ours' })).total, 1);
    const parsed = await jira.jql.parseJqlQueries({ validation: 'strict', queries: ['project = SEC AND status = Done'] });
    assert.equal(parsed.queries[0].structure.where.operator, 'and');
    await jira.filters.deleteFilter({ id: Number(id) });
  },

  async groups() {
    const me = await jira.myself.getCurrentUser();
    const { groupId } = await jira.groups.createGroup({ name: 'plumbers' });
    await jira.groups.addUserToGroup({ groupId, accountId: me.accountId });
    assert.equal((await jira.groups.getUsersFromGroup({ groupId })).total, 1);
    const found = await jira.groupAndUserPicker.findUsersAndGroups({ query: 'plumb' });
    assert.equal(found.groups.groups[0].name, 'plumbers');
    assert.ok((await jira.users.getUserGroups({ accountId: me.accountId })).some((each) => each.name === 'plumbers'));
    await jira.groups.removeUserFromGroup({ groupId, accountId: me.accountId });
    await jira.groups.removeGroup({ groupId });
    const may = await jira.permissions.getBulkPermissions({
      accountId: me.accountId,
      globalPermissions: ['ADMINISTER'],
      projectPermissions: [{ permissions: ['BROWSE_PROJECTS'], projects: [10000] }],
    });
    assert.deepEqual(may.globalPermissions, ['ADMINISTER']);
  },

  async bulk() {
    const selectedIssueIdsOrKeys = [await newIssue('One'), await newIssue('Two')];
    const { taskId } = await jira.issueBulkOperations.submitBulkDelete({ selectedIssueIdsOrKeys });
    let progress;
    do {
      progress = await jira.issueBulkOperations.getBulkOperationProgress({ taskId });
    } while (progress.status === 'ENQUEUED' || progress.status === 'RUNNING');
    assert.equal(progress.status, 'COMPLETE');
    await assert.rejects(jira.issues.getIssue({ issueIdOrKey: selectedIssueIdsOrKeys[0] }), isNotFoundError);
  },
};

try {
  await sessions[name]();
} catch (error) {
  console.error(error.report ? JSON.stringify(error.report, null, 1) : error);
  process.exit(1);
}
