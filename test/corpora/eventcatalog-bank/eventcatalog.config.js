export default {
  title: 'Bank',
  organizationName: 'Bank',
};
