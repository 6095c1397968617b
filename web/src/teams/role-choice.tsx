import type { Role } from '../../../shared/api/tenants.ts';
import { useWords } from '../words/use-words.ts';

const ROLES: readonly Role[] = ['owner', 'billing', 'member'];

interface RoleChoiceProps {
  label: string;
  value: Role;
  disabled?: boolean;
  onChange: (role: Role) => void;
}

export function RoleChoice({ label, value, disabled = false, onChange }: RoleChoiceProps) {
  const { roles } = useWords('teams');
  return (
    <select
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(ROLES.find((role) => role === event.target.value) ?? value)}
    >
      {ROLES.map((role) => (
        <option key={role} value={role}>
          {roles[role]}
        </option>
      ))}
    </select>
  );
}
